import type { SignedApproval } from './approval-statement.ts'
import { RegistryError } from './registry-error.ts'
import type { Use } from './registry-store.ts'
import type { Change } from './version.ts'

const MOST_FILES = 5_000
const MOST_USES = 10_000

const invalid = (place: string): never => {
  throw new RegistryError('REGISTRY_REQUEST_INVALID', place)
}

/** The body as an object. What came is never repeated, only its place is named. */
export const readBody = (text: string): Readonly<Record<string, unknown>> => {
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch {
    return invalid('body')
  }
  return isRecord(body) ? body : invalid('body')
}

export const readChange = ({ files = [], remove = [], urls = {} }: Body): Change => {
  if (!Array.isArray(files) || files.length > MOST_FILES) return invalid('files')
  if (!Array.isArray(remove) || !remove.every(isText) || remove.length > MOST_FILES) return invalid('remove')
  return { files: files.map(readFile), remove, urls: readUrls(urls) }
}

interface Body extends Readonly<Record<string, unknown>> {
  readonly files?: unknown
  readonly remove?: unknown
  readonly urls?: unknown
}

const readUrls = (urls: unknown): Change['urls'] => {
  if (!isRecord(urls)) return invalid('urls')
  for (const [name, url] of Object.entries(urls))
    if (!isText(url) || !/^https?:\/\//.test(url) || !URL.canParse(url)) invalid(`urls.${name.slice(0, 64)}`)
  return urls as Record<string, string>
}

const readFile = (one: unknown, index: number): Change['files'][number] => {
  const { file, text } = isRecord(one) ? one : {}
  if (!isText(file) || file.split('/').some((part) => part === '' || part.startsWith('.')))
    return invalid(`files[${index}].file`)
  return { file, text: typeof text === 'string' ? text : invalid(`files[${index}].text`) }
}

export const readText = (body: Readonly<Record<string, unknown>>, name: string): string => {
  const { [name]: value } = body
  return isText(value) && value.length <= 512 ? value : invalid(name)
}

export const readApproval = (body: Readonly<Record<string, unknown>>): SignedApproval => ({
  tag: readText(body, 'tag'),
  hash: readText(body, 'hash'),
  by: readText(body, 'by'),
  until: readText(body, 'until'),
  signature: readText(body, 'signature'),
})

/** Counts by client and coordinate, and nothing of anybody. */
export const readUses = (body: Readonly<Record<string, unknown>>): readonly Omit<Use, 'last'>[] => {
  const { uses } = body
  if (!Array.isArray(uses) || uses.length > MOST_USES) return invalid('uses')
  return uses.map((one: unknown, index) => {
    const { client, coordinate, count } = isRecord(one) ? one : {}
    const isUse =
      isText(client) &&
      client.length <= 128 &&
      isText(coordinate) &&
      /^\w{1,128}\.\w{1,128}$/.test(coordinate)
    if (!isUse || !Number.isSafeInteger(count) || Number(count) < 1) return invalid(`uses[${index}]`)
    return { client, coordinate, count: Number(count) }
  })
}

export const isTag = (name: string): boolean => /^[a-z0-9][a-z0-9._-]{0,63}$/i.test(name)

const isText = (value: unknown): value is string => typeof value === 'string' && value !== ''

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
