/** Check digits: whether the last of the digits is the one that the others ask for. Pure. */

export type CheckDigit = 'none' | 'luhn' | 'mod11' | 'mod97';

export function hasValidCheckDigit(digits: string, check: CheckDigit): boolean {
  switch (check) {
    case 'none':
      return true;
    case 'luhn':
      return luhnSum(digits) % 10 === 0;
    case 'mod11':
      return weightedSum(digits) % 11 === 0;
    case 'mod97':
      return remainder(digits, 97) === 1;
  }
}

/** ISO/IEC 7812-1, annex B: from the right, every second digit is doubled, and the digits of the products are added up. */
function luhnSum(digits: string): number {
  return fromTheRight(digits).reduce((sum, digit, place) => {
    const value = place % 2 === 1 ? digit * 2 : digit;
    return sum + (value > 9 ? value - 9 : value);
  }, 0);
}

/** From the right with the weights 1, 2, 3, …, as in ISBN-10. */
function weightedSum(digits: string): number {
  return fromTheRight(digits).reduce((sum, digit, place) => sum + digit * (place + 1), 0);
}

/** ISO/IEC 7064, MOD 97-10, as in IBAN: digit by digit, so that no number is too long. */
function remainder(digits: string, modulus: number): number {
  return [...digits].reduce((rest, digit) => (rest * 10 + Number(digit)) % modulus, 0);
}

function fromTheRight(digits: string): number[] {
  return [...digits].map(Number).reverse();
}
