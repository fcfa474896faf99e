import type { KeyObject } from 'node:crypto'
import { type Path, readYaml } from '../subgraphs/yaml-source.ts'
import { readPublicKey } from './approval-signature.ts'
import { RegistryError } from './registry-error.ts'

export type Role = 'reader' | 'publisher' | 'approver' | 'operator'

/** Who a token stands for. */
export interface Holder {
  readonly name: string
  readonly role: Role
  /** SHA-256 (hex) of the token: the file holds no secret. */
  readonly sha256: string
  /** Of a publisher: subgraphs and folders whose files it may change. */
  readonly subgraphs: readonly string[]
  readonly folders: readonly string[]
}

export interface NoticeConsumer {
  readonly name: string
  readonly url: string
  readonly secrets: readonly string[]
  /** Hears only what concerns this owner; of everything when null. */
  readonly owner: string | null
}

export interface RegistrySettings {
  /** Who answers for what nobody owns. */
  readonly owner: string
  readonly deprecationDays: number
  readonly holders: readonly Holder[]
  readonly owners: ReadonlyMap<string, KeyObject>
  readonly consumers: readonly NoticeConsumer[]
}

/** Reads the file of a registry. Throws `REGISTRY_SETTINGS_INVALID` with every fault at its line. */
export const readRegistrySettings = (text: string, file: string): RegistrySettings => {
  const source = readYaml(text)
  const faults = source.broken.map(({ line, what }) => `${file}:${line} ${what}`)
  const fault: Tell = (path) => void faults.push(`${file}:${source.lineOf(path)} ${path.join('.')}`)
  const top = mapOf(source.value, [], fault)
  for (const key of top.keys()) if (!KEYS.includes(key)) fault([key])
  const days = top.get('deprecationDays') ?? 90
  if (!Number.isInteger(days) || Number(days) < 0) fault(['deprecationDays'])
  const settings = {
    owner: textOf(top.get('owner') ?? 'privacy', ['owner'], fault),
    deprecationDays: Number(days),
    holders: [...mapOf(top.get('tokens'), ['tokens'], fault)].map(([name, one]) =>
      holderOf(name, one, fault),
    ),
    owners: new Map(
      [...mapOf(top.get('owners'), ['owners'], fault)].flatMap(([name, key]) => ownerOf(name, key, fault)),
    ),
    consumers: [...mapOf(top.get('consumers'), ['consumers'], fault)].map(([name, one]) =>
      consumerOf(name, one, fault),
    ),
  }
  if (faults.length > 0) throw new RegistryError('REGISTRY_SETTINGS_INVALID', faults.join('; '))
  return settings
}

const KEYS = ['owner', 'deprecationDays', 'tokens', 'owners', 'consumers']
const ROLES: readonly Role[] = ['reader', 'publisher', 'approver', 'operator']

type Tell = (path: Path) => void

const holderOf = (name: string, written: unknown, fault: Tell): Holder => {
  const at = ['tokens', name]
  const one = mapOf(written, at, fault)
  const role = ROLES.find((known) => known === one.get('role'))
  if (role === undefined) fault([...at, 'role'])
  const sha256 = textOf(one.get('sha256'), [...at, 'sha256'], fault)
  if (!/^[0-9a-f]{64}$/.test(sha256)) fault([...at, 'sha256'])
  const names = (key: string): readonly string[] => listOf(one.get(key), [...at, key], fault)
  return { name, role: role ?? 'reader', sha256, subgraphs: names('subgraphs'), folders: names('folders') }
}

const ownerOf = (name: string, key: unknown, fault: Tell): (readonly [string, KeyObject])[] => {
  try {
    return [[name, readPublicKey(String(key))]]
  } catch {
    fault(['owners', name])
    return []
  }
}

const consumerOf = (name: string, written: unknown, fault: Tell): NoticeConsumer => {
  const at = ['consumers', name]
  const one = mapOf(written, at, fault)
  const url = textOf(one.get('url'), [...at, 'url'], fault)
  if (!/^https?:\/\//.test(url) || !URL.canParse(url)) fault([...at, 'url'])
  const secrets = listOf(one.get('secrets'), [...at, 'secrets'], fault)
  if (secrets.length === 0) fault([...at, 'secrets'])
  const owner = one.get('owner')
  return { name, url, secrets, owner: owner === undefined ? null : textOf(owner, [...at, 'owner'], fault) }
}

const mapOf = (written: unknown, path: Path, fault: Tell): ReadonlyMap<string, unknown> => {
  if (written instanceof Map)
    return new Map([...written].map(([key, value]) => [String(key), value as unknown]))
  if (written !== undefined && written !== null) fault(path)
  return new Map()
}

const textOf = (written: unknown, path: Path, fault: Tell): string => {
  if (typeof written === 'string' && written !== '') return written
  fault(path)
  return ''
}

const listOf = (written: unknown, path: Path, fault: Tell): readonly string[] => {
  if (written === undefined) return []
  if (Array.isArray(written) && written.every((one) => typeof one === 'string')) return written
  fault(path)
  return []
}
