interface Element {
  readonly required: readonly string[]
  readonly optional: readonly string[]
  readonly inside: readonly string[]
}

/**
 * What the schemas of JUnit XML (Maven Surefire, the xUnit plugin of Jenkins) take of the elements that are written, and the
 * file of a case, which GitLab shows.
 */
const ELEMENTS: Readonly<Record<string, Element>> = {
  testsuites: {
    required: ['name', 'tests', 'failures', 'errors'],
    optional: ['time'],
    inside: ['testsuite'],
  },
  testsuite: {
    required: ['name', 'tests', 'failures', 'errors', 'skipped'],
    optional: ['time'],
    inside: ['testcase'],
  },
  testcase: {
    required: ['name', 'classname'],
    optional: ['time', 'file'],
    inside: ['failure', 'system-out'],
  },
  failure: { required: ['type', 'message'], optional: [], inside: ['#text'] },
  'system-out': { required: [], optional: [], inside: ['#text'] },
}

const PROLOG = '<?xml version="1.0" encoding="UTF-8"?>\n'
const TOKEN = /<(\/?)([a-z-]+)((?: [a-z]+="[^"<]*")*)(\/?)>|([^<]+)/gy
const LOOSE = /&(?!(?:lt|gt|amp|quot|apos|#10);)|[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u

/** Why a text is no well-formed XML, or none that those who read JUnit take. */
export const junitFaults = (text: string): string[] => {
  if (!text.startsWith(PROLOG)) return ['it does not begin as XML does']
  const body = text.slice(PROLOG.length)
  const tokens = [...body.matchAll(TOKEN)]
  const read = tokens.reduce((sum, [token]) => sum + token.length, 0)
  const faults = [
    ...(read === body.length ? [] : [`it cannot be read from character ${read} on`]),
    ...(LOOSE.test(body) ? ['a character in it stands for something else in XML'] : []),
  ]
  const open: string[] = []
  for (const [, slash, name, attributes = '', empty, words] of tokens) {
    if (words !== undefined) faults.push(...textFaults(words, open.at(-1)))
    else if (slash === '/') faults.push(...(open.pop() === name ? [] : [`</${name}> closes nothing`]))
    else {
      faults.push(...elementFaults(name ?? '', attributes, open.at(-1)))
      if (empty === '') open.push(name ?? '')
    }
  }
  return [...faults, ...open.map((name) => `<${name}> is not closed`), ...countFaults(body)]
}

const textFaults = (words: string, inside = ''): string[] =>
  words.trim() === '' || ELEMENTS[inside]?.inside.includes('#text') ? [] : [`there is text in <${inside}>`]

const elementFaults = (name: string, attributes: string, inside: string | undefined): string[] => {
  const known = ELEMENTS[name]
  if (known === undefined) return [`<${name}> is not known`]
  const written = [...attributes.matchAll(/ ([a-z]+)="[^"]*"/g)].map(([, attribute = '']) => attribute)
  const allowed = [...known.required, ...known.optional]
  const isInPlace = inside === undefined ? name === 'testsuites' : ELEMENTS[inside]?.inside.includes(name)
  return [
    ...(isInPlace ? [] : [`<${name}> stands in <${inside}>`]),
    ...known.required.filter((one) => !written.includes(one)).map((one) => `<${name}> has no ${one}`),
    ...written.filter((one) => !allowed.includes(one)).map((one) => `<${name}> has ${one}`),
    ...(new Set(written).size === written.length ? [] : [`<${name}> says something twice`]),
  ]
}

const countFaults = (body: string): string[] => {
  const cases = body.match(/<testcase /g)?.length ?? 0
  const failed = body.match(/<failure /g)?.length ?? 0
  const counted = body.match(new RegExp(` tests="${cases}" failures="${failed}" errors="0"`, 'g'))
  return counted?.length === 2 ? [] : ['its counts are not those of its cases']
}
