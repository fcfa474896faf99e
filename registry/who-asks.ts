import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { RegistryError } from './registry-error.ts'
import type { Holder, Role } from './registry-settings.ts'
import type { Change } from './version.ts'

/** What each role may do beside reading. */
const MAY: Readonly<Record<Role, readonly string[]>> = {
  reader: [],
  publisher: ['publish'],
  approver: ['approve'],
  operator: ['publish', 'move'],
}

/** Every known token is compared, in constant time, so that how long it takes tells nothing. */
export const createWhoAsks = (holders: readonly Holder[]) => {
  const known = holders.map((holder) => ({ holder, digest: Buffer.from(holder.sha256, 'hex') }))
  return (headers: IncomingHttpHeaders, act: 'read' | 'publish' | 'approve' | 'move'): Holder => {
    const token = /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1]
    const digest = createHash('sha256')
      .update(token ?? '')
      .digest()
    const [found] = known.filter((one) => timingSafeEqual(one.digest, digest))
    if (token === undefined || found === undefined)
      throw new RegistryError('REGISTRY_TOKEN_REFUSED', 'authorization')
    if (act !== 'read' && !MAY[found.holder.role].includes(act))
      throw new RegistryError('REGISTRY_NOT_ALLOWED', act)
    return found.holder
  }
}

/** A publisher changes what it is named for and nothing else; an operator anything. */
export const refuseOthers = (holder: Holder, { files, remove, urls }: Change): void => {
  if (holder.role === 'operator') return
  const subgraphs = new Set(holder.subgraphs)
  const isTheirs = (file: string): boolean => {
    const [, name] = /^(?:subgraphs\/)?([^/]+?)(?:\/schema)?\.graphqls?$/.exec(file) ?? []
    if (name !== undefined) return subgraphs.has(name)
    return holder.folders.some((folder) => file.startsWith(`${folder}/`))
  }
  const foreign = [...files.map(({ file }) => file), ...remove].findIndex((file) => !isTheirs(file))
  if (foreign >= 0) throw new RegistryError('REGISTRY_NOT_ALLOWED', `files[${foreign}]`)
  if (!Object.keys(urls).every((name) => subgraphs.has(name)))
    throw new RegistryError('REGISTRY_NOT_ALLOWED', 'urls')
}
