// Morse code as ITU-R M.1677-1 has it. Letters are apart by a space, words by " / ".

const CODE = {
  A: '.-', B: '-...', C: '-.-.', D: '-..', E: '.', F: '..-.', G: '--.', H: '....', I: '..',
  J: '.---', K: '-.-', L: '.-..', M: '--', N: '-.', O: '---', P: '.--.', Q: '--.-', R: '.-.',
  S: '...', T: '-', U: '..-', V: '...-', W: '.--', X: '-..-', Y: '-.--', Z: '--..',
  1: '.----', 2: '..---', 3: '...--', 4: '....-', 5: '.....', 6: '-....', 7: '--...',
  8: '---..', 9: '----.', 0: '-----', '.': '.-.-.-', ',': '--..--', '?': '..--..',
  '/': '-..-.', '=': '-...-',
};
const LETTER = new Map(Object.entries(CODE).map(([letter, code]) => [code, letter]));

/** Text to dots and dashes. Throws a RangeError for a character that has no code. */
export function encode(text) {
  return text.trim().toUpperCase().split(/\s+/).filter(Boolean)
    .map((word) => [...word].map(codeOf).join(' '))
    .join(' / ');
}

/** Dots and dashes to text, in capitals. Throws a RangeError for a code that is none. */
export function decode(code) {
  return code.trim().split(/\s+\/\s+/)
    .map((word) => word.split(/\s+/).filter(Boolean).map(letterOf).join(''))
    .join(' ');
}

/** Length of a coded message in units of a dot: dash 3, gaps 1, 3 and 7. */
export function duration(code) {
  const words = code.trim().split(/\s+\/\s+/).filter(Boolean);
  const ofLetter = (letter) => [...letter].reduce((sum, mark) => sum + (mark === '-' ? 3 : 1), letter.length - 1);
  const ofWord = (word) => {
    const letters = word.split(/\s+/);
    return letters.reduce((sum, letter) => sum + ofLetter(letter), 3 * (letters.length - 1));
  };
  return words.reduce((sum, word) => sum + ofWord(word), 7 * Math.max(words.length - 1, 0));
}

function codeOf(letter) {
  if (!Object.hasOwn(CODE, letter)) throw new RangeError(`no code for '${letter}'`);
  return CODE[letter];
}

function letterOf(code) {
  const letter = LETTER.get(code);
  if (letter === undefined) throw new RangeError(`no letter for '${code}'`);
  return letter;
}
