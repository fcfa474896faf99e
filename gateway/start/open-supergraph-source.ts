import { supergraphFile } from '../adapters/supergraph-file.ts'
import type { SupergraphSource } from '../adapters/supergraph-source.ts'
import { supergraphUrl } from '../adapters/supergraph-url.ts'
import type { Config } from '../config.ts'
import { httpUrl } from '../parse-setting.ts'

/** The file or the url of the setting `supergraph`. */
export const openSupergraphSource = (config: Config): SupergraphSource => {
  const { supergraph: place, supergraphMaxBytes: maxBytes } = config
  if (!/^https?:\/\//.test(place ?? '')) return supergraphFile({ file: place ?? '', maxBytes })
  const { supergraphTimeoutMs: timeoutMs, supergraphHeader: name, supergraphToken: value } = config
  return supergraphUrl({
    url: httpUrl(place),
    timeoutMs,
    maxBytes,
    header: value === null ? null : { name, value },
  })
}
