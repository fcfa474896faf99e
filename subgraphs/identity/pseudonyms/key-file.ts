import { randomBytes, randomUUID, scrypt, type ScryptOptions } from 'node:crypto'
import { link, mkdir, open as openFile, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { CodedFailure } from '../../coded-failure.ts'
import { open, seal } from '../../seal.ts'

/** What is in a key ring's file: each key by its name. */
export type KeyFileContent = ReadonlyMap<string, Buffer>

/** How the file's own key is made of the secret (RFC 7914); it stands before what is sealed, and is bound to it. */
interface Derivation {
  readonly N: number
  readonly r: number
  readonly p: number
  readonly salt: string
}

export interface OpenKeyFile {
  readonly keys: KeyFileContent
  /** Puts these keys in the place of all there are: the whole file or nothing of it. */
  save(keys: KeyFileContent): Promise<void>
}

/** Opens a key ring's file. Throws `KEYRING_MISSING`, `KEYRING_EXPOSED`, `KEYRING_UNREADABLE`. */
export async function openKeyFile(file: string, secret: string): Promise<OpenKeyFile> {
  const { derivation, sealed } = envelopeIn(await readPrivate(file, 'KEYRING_MISSING'), file)
  const key = await derivedKey(secret, derivation)
  const text = open(sealed, key, headOf(derivation))
  if (text === null) throw new CodedFailure('KEYRING_UNREADABLE', file)
  return { keys: contentOf(text), save: saveTo(file, key, derivation) }
}

/** Makes a key ring's file with its first keys. Of several who do so at once one is heard, and false told to the others. */
export async function makeKeyFile(file: string, secret: string, keys: KeyFileContent): Promise<boolean> {
  const derivation: Derivation = { ...COST, salt: randomBytes(16).toString('base64') }
  const key = await derivedKey(secret, derivation)
  try {
    await placed(file, sealedText(keys, key, derivation), link)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

/** The text of a file that its owner alone may read; a secret that others can read is none. */
export async function readPrivate(
  file: string,
  whenMissing: 'KEYRING_MISSING' | 'KEYRING_SECRET_MISSING',
): Promise<string> {
  try {
    const { mode } = await stat(file)
    if (process.platform !== 'win32' && (mode & 0o077) !== 0) throw new CodedFailure('KEYRING_EXPOSED', file)
    return await readFile(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw new CodedFailure(whenMissing, file)
    throw error
  }
}

const COST = { N: 2 ** 15, r: 8, p: 1 } as const
const MOST_COST = 2 ** 20
const KEY_BYTES = 32

const derivedKey = (secret: string, { N, r, p, salt }: Derivation): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const options: ScryptOptions = { N, r, p, maxmem: 256 * N * r }
    scrypt(secret.normalize('NFKC').trim(), Buffer.from(salt, 'base64'), KEY_BYTES, options, (error, key) =>
      error === null ? resolve(key) : reject(error),
    )
  })

const headOf = ({ N, r, p, salt }: Derivation): Buffer =>
  Buffer.from(`assent-keyring 1 scrypt ${N} ${r} ${p} ${salt}`)

function envelopeIn(text: string, file: string): { derivation: Derivation; sealed: Buffer } {
  try {
    const { format, kdf, sealed } = JSON.parse(text) as {
      format: unknown
      kdf: Derivation
      sealed: string
    }
    const { N, r, p, salt } = kdf
    // A file that was put there must not make us compute for a year.
    const isAffordable =
      Number.isSafeInteger(N) && N >= COST.N && N <= MOST_COST && r === COST.r && p === COST.p
    if (format === 'assent-keyring-1' && isAffordable && typeof salt === 'string')
      return { derivation: { N, r, p, salt }, sealed: Buffer.from(sealed, 'base64') }
  } catch {
    // Told below: what the parser says quotes the file.
  }
  throw new CodedFailure('KEYRING_UNREADABLE', file)
}

const contentOf = (text: Buffer): KeyFileContent =>
  new Map(
    Object.entries(JSON.parse(text.toString()) as Record<string, string>).map(([name, key]) => [
      name,
      Buffer.from(key, 'base64'),
    ]),
  )

const saveTo =
  (file: string, key: Buffer, derivation: Derivation) =>
  (keys: KeyFileContent): Promise<void> =>
    placed(file, sealedText(keys, key, derivation), rename)

function sealedText(keys: KeyFileContent, key: Buffer, derivation: Derivation): string {
  const content = Object.fromEntries([...keys].map(([name, each]) => [name, each.toString('base64')]))
  const sealed = seal(Buffer.from(JSON.stringify(content)), key, headOf(derivation)).toString('base64')
  return JSON.stringify({ format: 'assent-keyring-1', kdf: { name: 'scrypt', ...derivation }, sealed })
}

/** Written beside its place, made to last, and put there: whoever reads finds the old file or the new one. */
async function placed(
  file: string,
  text: string,
  put: (draft: string, file: string) => Promise<void>,
): Promise<void> {
  const draft = `${file}.${randomUUID()}`
  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  try {
    await writeFile(draft, `${text}\n`, { mode: 0o600, flag: 'wx', flush: true })
    await put(draft, file)
  } finally {
    await rm(draft, { force: true })
  }
  await flushDirectory(dirname(file))
}

/** A renaming is only there after a power cut when the directory was written, too. */
async function flushDirectory(directory: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await openFile(directory, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
