/** What callers are told by the program itself, and which of an administrator's texts they hear, in the language of their call. */
import { LANGUAGE_KEY } from '../../../protocol/flows.ts';
import type { Spoken } from '../../../protocol/waiting.ts';
import type { Conversation } from '../../telephony/model.ts';
import type { Media } from '../../telephony/ports.ts';

export interface Phrases {
  position(position: number): string;
  /** @param minutes 0: less than one. */
  wait(minutes: number): string;
  keys: { callback(key: string): string; voicemail(key: string): string };
  /** @param number digits with blanks between them. */
  callbackHere(number: string, other: boolean): string;
  enterNumber: string;
  confirmNumber(number: string): string;
  cannotCall: string;
  callbackNoted: string;
  callbackKnown: string;
  leaveMessage: string;
  messageNoted: string;
  nobody: string;
}

const EN: Phrases = {
  position: (position) =>
    position === 1 ? 'You are the next in the queue.' : `You are number ${position} in the queue.`,
  wait: (minutes) => {
    if (minutes === 0) return 'The estimated wait is less than one minute.';
    if (minutes > 60) return 'The estimated wait is more than one hour.';
    return `The estimated wait is about ${minutes} ${minutes === 1 ? 'minute' : 'minutes'}.`;
  },
  keys: {
    callback: (key) =>
      `To be called back without losing your place, press ${keyName(key, 'star', 'the hash key')}.`,
    voicemail: (key) => `To leave a message, press ${keyName(key, 'star', 'the hash key')}.`,
  },
  callbackHere: (number, other) =>
    `To be called back at ${number}, press 1. ${other ? 'For another number, press 2. ' : ''}To keep waiting, press star.`,
  enterNumber: 'Enter the number at which we can call you, then press the hash key.',
  confirmNumber: (number) => `The number is ${number}. If it is right, press 1. To enter it again, press 2.`,
  cannotCall: 'We cannot call this number.',
  callbackNoted: 'Thank you. You keep your place, and we call you when it is your turn. Goodbye.',
  callbackKnown: 'We are going to call you at this number already. Goodbye.',
  leaveMessage:
    'Please leave a message after the tone. When you have finished, press the hash key or hang up.',
  messageNoted: 'Thank you. Your message has been recorded. Goodbye.',
  nobody: 'We are sorry: nobody can take your call at the moment. Please call again later.',
};

const DE: Phrases = {
  position: (position) =>
    position === 1 ? 'Sie sind als Nächstes an der Reihe.' : `Sie sind auf Platz ${position}.`,
  wait: (minutes) => {
    if (minutes === 0) return 'Die Wartezeit beträgt voraussichtlich weniger als eine Minute.';
    if (minutes > 60) return 'Die Wartezeit beträgt voraussichtlich mehr als eine Stunde.';
    return `Die Wartezeit beträgt voraussichtlich ${minutes === 1 ? 'eine Minute' : `${minutes} Minuten`}.`;
  },
  keys: {
    callback: (key) =>
      `Wenn wir Sie zurückrufen sollen, ohne dass Sie Ihren Platz verlieren, drücken Sie die ${keyName(key, 'Sterntaste', 'Rautetaste')}.`,
    voicemail: (key) =>
      `Um eine Nachricht zu hinterlassen, drücken Sie die ${keyName(key, 'Sterntaste', 'Rautetaste')}.`,
  },
  callbackHere: (number, other) =>
    `Für einen Rückruf unter ${number} drücken Sie die 1. ${other ? 'Für eine andere Nummer drücken Sie die 2. ' : ''}Um weiter zu warten, drücken Sie die Sterntaste.`,
  enterNumber: 'Geben Sie die Nummer ein, unter der wir Sie erreichen, und drücken Sie dann die Rautetaste.',
  confirmNumber: (number) =>
    `Die Nummer ist ${number}. Wenn sie stimmt, drücken Sie die 1. Um sie neu einzugeben, drücken Sie die 2.`,
  cannotCall: 'Diese Nummer können wir nicht anrufen.',
  callbackNoted:
    'Vielen Dank. Sie behalten Ihren Platz, und wir rufen Sie an, wenn Sie an der Reihe sind. Auf Wiederhören.',
  callbackKnown: 'Wir rufen Sie unter dieser Nummer bereits zurück. Auf Wiederhören.',
  leaveMessage:
    'Bitte sprechen Sie nach dem Ton. Wenn Sie fertig sind, drücken Sie die Rautetaste oder legen Sie auf.',
  messageNoted: 'Vielen Dank. Ihre Nachricht wurde aufgenommen. Auf Wiederhören.',
  nobody: 'Leider kann im Moment niemand Ihren Anruf annehmen. Bitte rufen Sie später noch einmal an.',
};

const FR: Phrases = {
  position: (position) =>
    position === 1
      ? "Vous êtes le prochain dans la file d'attente."
      : `Vous êtes en position ${position} dans la file d'attente.`,
  wait: (minutes) => {
    if (minutes === 0) return "Le temps d'attente estimé est de moins d'une minute.";
    if (minutes > 60) return "Le temps d'attente estimé est de plus d'une heure.";
    return `Le temps d'attente estimé est d'environ ${minutes} ${minutes === 1 ? 'minute' : 'minutes'}.`;
  },
  keys: {
    callback: (key) =>
      `Pour être rappelé sans perdre votre place, appuyez sur ${keyName(key, 'étoile', 'dièse')}.`,
    voicemail: (key) => `Pour laisser un message, appuyez sur ${keyName(key, 'étoile', 'dièse')}.`,
  },
  callbackHere: (number, other) =>
    `Pour être rappelé au ${number}, appuyez sur 1. ${other ? 'Pour un autre numéro, appuyez sur 2. ' : ''}Pour continuer à attendre, appuyez sur étoile.`,
  enterNumber: 'Composez le numéro où nous pouvons vous joindre, puis appuyez sur dièse.',
  confirmNumber: (number) =>
    `Le numéro est ${number}. S'il est correct, appuyez sur 1. Pour le saisir à nouveau, appuyez sur 2.`,
  cannotCall: 'Nous ne pouvons pas appeler ce numéro.',
  callbackNoted: 'Merci. Vous gardez votre place et nous vous rappelons quand votre tour vient. Au revoir.',
  callbackKnown: 'Nous allons déjà vous rappeler à ce numéro. Au revoir.',
  leaveMessage:
    'Veuillez laisser un message après le signal sonore. Pour terminer, appuyez sur dièse ou raccrochez.',
  messageNoted: 'Merci. Votre message a été enregistré. Au revoir.',
  nobody: 'Nous sommes désolés : personne ne peut prendre votre appel. Veuillez rappeler plus tard.',
};

const ES: Phrases = {
  position: (position) =>
    position === 1 ? 'Usted es el siguiente en la cola.' : `Usted es el número ${position} de la cola.`,
  wait: (minutes) => {
    if (minutes === 0) return 'El tiempo de espera estimado es de menos de un minuto.';
    if (minutes > 60) return 'El tiempo de espera estimado es de más de una hora.';
    return `El tiempo de espera estimado es de unos ${minutes} ${minutes === 1 ? 'minuto' : 'minutos'}.`;
  },
  keys: {
    callback: (key) =>
      `Para que le llamemos sin perder su turno, pulse ${keyName(key, 'asterisco', 'almohadilla')}.`,
    voicemail: (key) => `Para dejar un mensaje, pulse ${keyName(key, 'asterisco', 'almohadilla')}.`,
  },
  callbackHere: (number, other) =>
    `Para que le llamemos al ${number}, pulse 1. ${other ? 'Para otro número, pulse 2. ' : ''}Para seguir esperando, pulse asterisco.`,
  enterNumber: 'Marque el número al que podemos llamarle y pulse almohadilla.',
  confirmNumber: (number) =>
    `El número es ${number}. Si es correcto, pulse 1. Para marcarlo de nuevo, pulse 2.`,
  cannotCall: 'No podemos llamar a este número.',
  callbackNoted: 'Gracias. Conserva su turno y le llamaremos cuando le toque. Adiós.',
  callbackKnown: 'Ya vamos a llamarle a este número. Adiós.',
  leaveMessage: 'Deje su mensaje después de la señal. Para terminar, pulse almohadilla o cuelgue.',
  messageNoted: 'Gracias. Su mensaje ha sido grabado. Adiós.',
  nobody: 'Lo sentimos: nadie puede atender su llamada en este momento. Vuelva a llamar más tarde.',
};

const PHRASES: Record<string, Phrases> = { en: EN, de: DE, fr: FR, es: ES };

/** The call's language: what a flow or the CRM put into the call data; English where it says none. */
export function languageOf({ data }: Pick<Conversation, 'data'>): string {
  return data.get(LANGUAGE_KEY)?.value || 'en';
}

/** The program's own sentences; English where it has none in this language. */
export function phrasesIn(language: string): Phrases {
  return PHRASES[language] ?? PHRASES[base(language)] ?? EN;
}

/** The text for this language: its own, that of the language without its region, English, the first; undefined for none. */
export function textIn(spoken: Spoken, language: string): string | undefined {
  return spoken[language] ?? spoken[base(language)] ?? spoken['en'] ?? Object.values(spoken)[0];
}

export function speech(texts: readonly string[], _language: string): Media[] {
  return texts.filter((text) => text !== '').map((text) => ({ kind: 'text', text }));
}

/** Digit by digit, as numbers are read out. */
export function readOut(number: string): string {
  return number.replace(/\D/g, '').split('').join(' ');
}

function base(language: string): string {
  return language.split('-')[0] ?? language;
}

function keyName(key: string, star: string, hash: string): string {
  if (key === '*') return star;
  return key === '#' ? hash : key;
}
