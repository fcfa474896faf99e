import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** What nobody else is called: where one of these is, a raw value is. */
export const CANARIES = {
  email: 'canary.mailbox@canary-domain.example',
  phone: '+4915123987654',
  phoneAsWritten: '0151 239 87654',
  givenName: 'Kanarilda',
  familyName: 'Zwitscherbach',
  birthDate: '1931-03-17',
  nationalId: 'DE-880-CANARY-44',
  loyalty: 'LOYALCANARY991',
  device: 'device-canary-55aa',
  household: 'household-canary-7',
  company: 'Canary Seed Works',
  recordId: 'rec.canary.0815',
  street: 'Piepmatzgasse',
} as const

/** Each canary that is in the text, in any notation it may have been written in. */
export function canariesIn(text: string): string[] {
  const folded = text.toLowerCase()
  return Object.entries(CANARIES).flatMap(([name, value]) =>
    notationsOf(value).some((notation) => folded.includes(notation)) ? [name] : [],
  )
}

function notationsOf(value: string): readonly string[] {
  const bytes = Buffer.from(value)
  // Base64 of a piece of a longer text starts at any of three places: what is the same at each is looked for.
  const pieces = [0, 1, 2].map((shift) =>
    Buffer.concat([Buffer.alloc(shift), bytes])
      .toString('base64')
      .slice(shift === 0 ? 0 : 4, -4),
  )
  return [value, bytes.toString('hex'), encodeURIComponent(value), ...pieces].map((notation) =>
    notation.toLowerCase(),
  )
}

/** Each canary in each file below a directory, as `file: name`. */
export function canariesInFiles(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .flatMap((entry) => {
      const file = join(entry.parentPath, entry.name)
      return canariesIn(readFileSync(file, 'latin1')).map(
        (name) => `${file.slice(directory.length + 1)}: ${name}`,
      )
    })
}
