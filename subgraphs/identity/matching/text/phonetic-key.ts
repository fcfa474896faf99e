/**
 * How a folded Latin word sounds, roughly and in no one language: letters that are written for one another are one,
 * doubled ones single, vowels drop out after the first letter. Smith and Smyth, Meier and Mayer, Filip and Philipp.
 * Other scripts are their own key.
 */
export function phoneticKey(word: string): string {
  if (!/^[a-z ]+$/.test(word)) return word
  let sound = word.replaceAll(' ', '')
  for (const [written, spoken] of SOUNDS) sound = sound.replace(written, spoken)
  const first = sound.slice(0, 1)
  const rest = sound.slice(1).replace(/[aeiouyhw]/g, '')
  return ((/[aeiouy]/.test(first) ? 'a' : first) + rest).replace(/(.)\1+/g, '$1').slice(0, 6)
}

const SOUNDS: readonly (readonly [RegExp, string])[] = [
  [/^(kn|gn)/, 'n'],
  [/^wr/, 'r'],
  [/^mac/, 'mc'],
  [/ph/g, 'f'],
  [/gh(?=t|$)/g, ''],
  [/tsch|tch|sch|sh|ch|cz|cs/g, 'x'],
  [/th|dt/g, 't'],
  [/ck|c(?![eiy])|q/g, 'k'],
  [/c|z|ss|ts/g, 's'],
  [/d(?=$)/g, 't'],
  [/v|w(?=[aeiou])/g, 'f'],
  [/j(?=[aeiou])|g(?=[ei])/g, 'j'],
]
