/**
 * How words sound, for the recogniser: CMU's dictionary of American English, and for words that it lacks (names, products) what
 * eSpeak NG would say, in the dictionary's phones (ARPAbet).
 */

/** IPA as eSpeak writes it → ARPAbet. */
const PHONES: ReadonlyMap<string, string> = new Map(
  `tʃ=CH, dʒ=JH, aɪ=AY, aʊ=AW, eɪ=EY, ɔɪ=OY, oʊ=OW, əʊ=OW, ɪə=IH R, eə=EH R, ʊə=UH R,
  aɪə=AY ER, əl=AH L, ɑːɹ=AA R, oːɹ=AO R, ɔːɹ=AO R, ɛɹ=EH R, ɪɹ=IH R, ɑː=AA, ɔː=AO, oː=AO,
  iː=IY, uː=UW, ɜː=ER, aː=AA, eː=EY, ɐ=AH, ᵻ=IH, æ=AE, ɑ=AA, ɒ=AA, ʌ=AH, ə=AH, ɚ=ER, ɝ=ER,
  ɛ=EH, e=EH, ɪ=IH, i=IY, ɔ=AO, o=OW, ʊ=UH, u=UW, a=AE, b=B, d=D, ð=DH, f=F, ɡ=G, g=G, h=HH,
  j=Y, k=K, l=L, m=M, n=N, ŋ=NG, p=P, ɹ=R, r=R, ɾ=D, s=S, ʃ=SH, t=T, θ=TH, v=V, w=W, x=K,
  z=Z, ʒ=ZH, ʔ=T, ɬ=L, ç=HH`
    .split(',')
    .map((pair) => pair.trim().split('=') as [ipa: string, arpabet: string]),
);
/** Longer phones are tried first. */
const SIZES = [3, 2, 1];

/** ARPAbet of eSpeak's IPA, such as `K R AO S P OY N T`; undefined when it has a sound that English lacks. */
export function arpabet(ipa: string): string | undefined {
  const sounds = ipa.normalize('NFC').replace(/[ˈˌ‿\s_|-]/g, '');
  const phones: string[] = [];
  for (let at = 0; at < sounds.length; ) {
    const size = SIZES.find((n) => at + n <= sounds.length && PHONES.has(sounds.slice(at, at + n)));
    if (size !== undefined) {
      phones.push(PHONES.get(sounds.slice(at, at + size)) ?? '');
      at += size;
    } else if (/ː|ʲ|\p{M}/u.test(sounds[at] ?? '')) at++;
    else return undefined;
  }
  return phones.length > 0 ? phones.join(' ') : undefined;
}

/** CMU's dictionary as it lies on the disk: a word, perhaps with `(2)`, and its phones on a line, in the order of the words. */
export class Dictionary {
  readonly #text: Buffer;

  constructor(text: Uint8Array) {
    this.#text = Buffer.concat([Buffer.from('\n'), text]);
  }

  /** The lines of this word and its variants; empty when it is not in there. */
  lines(word: string): string[] {
    const lines: string[] = [];
    for (let variant = 1; ; variant++) {
      const entry = variant === 1 ? word : `${word}(${variant})`;
      const at = this.#text.indexOf(`\n${entry} `);
      if (at < 0) return lines;
      const end = this.#text.indexOf('\n', at + 1);
      lines.push(this.#text.subarray(at + 1, end < 0 ? undefined : end).toString('latin1'));
    }
  }
}
