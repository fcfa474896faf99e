import { supergraphFile } from '../adapters/supergraph-file.ts'
import type { SupergraphSource } from '../adapters/supergraph-source.ts'
import { supergraphProof } from '../adapters/supergraph-proof.ts'
import { supergraphUrl } from '../adapters/supergraph-url.ts'
import type { Config } from '../config.ts'
import { AssentError } from '../errors.ts'
import { httpUrl } from '../parse-setting.ts'

/** The file or the url of the setting `supergraph`. */
export const openSupergraphSource = (config: Config): SupergraphSource => {
  const { supergraph: place, supergraphMaxBytes: maxBytes } = config
  if (!/^https?:\/\//.test(place ?? '')) return supergraphFile({ file: place ?? '', maxBytes })
  const { supergraphTimeoutMs: timeoutMs, supergraphHeader: name, supergraphToken: value } = config
  const url = httpUrl(place)
  const {
    supergraphPublicKeys: publicKeys,
    supergraphCache: cache,
    supergraphWaitSeconds: waitSeconds,
    supergraphMaxAgeSeconds: maxAgeSeconds,
  } = config
  if (publicKeys.length === 0 && cache !== null)
    throw new AssentError('CONFIG_INVALID', 'supergraphSource.cache', { faults: [UNPROVED] })
  return supergraphUrl({
    url,
    timeoutMs,
    maxBytes,
    header: value === null ? null : { name, value },
    waitSeconds,
    ...(publicKeys.length > 0 && {
      proof: supergraphProof({ publicKeys, cache, url, clock: Date.now, maxAgeMs: maxAgeSeconds * 1000 }),
    }),
  })
}

const UNPROVED = {
  name: 'supergraphSource.cache',
  place: 'settings',
  problem: 'is set without `supergraphSource.publicKeys`: what lies on the disk would be served unproved.',
  remedy: 'Set the public key of the registry.',
}
