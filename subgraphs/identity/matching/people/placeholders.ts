/**
 * What stands in a field because something had to stand there. Such a value says nothing about anybody, and two people
 * who both have it are not alike for that.
 */
export const isPlaceholder = (folded: string): boolean => WORDS.has(folded) || /^([^\d])\1{2,}$/.test(folded)

/** Numbers nobody was given: one digit over and over, or the keys in a row. */
export const isPlaceholderNumber = (digits: string): boolean =>
  digits.length < 4 ||
  /^(\d)\1*$/.test(digits) ||
  /^(\d)\1{5,}/.test(digits) ||
  '01234567890123456789'.includes(digits) ||
  '98765432109876543210'.includes(digits)

const WORDS = new Set([
  'na',
  'n a',
  'nil',
  'nan',
  'null',
  'none',
  'no',
  'nobody',
  'unknown',
  'unk',
  'undefined',
  'anonymous',
  'anonym',
  'unbekannt',
  'desconocido',
  'inconnu',
  'test',
  'testing',
  'tester',
  'dummy',
  'asdf',
  'qwerty',
  'blank',
  'empty',
  'missing',
  'default',
  'tbd',
  'tba',
  'not provided',
  'not known',
  'not given',
  'not applicable',
  'no email',
  'noemail',
  'noreply',
  'no reply',
  'donotreply',
  'keine',
  'x',
  'xx',
])
