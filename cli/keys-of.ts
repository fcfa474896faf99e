import type { Config, SettingName } from '../gateway/config.ts'
import { AssentError } from '../gateway/errors.ts'
import { SETTINGS } from '../gateway/settings.ts'
import type { KeySettings } from '../subgraphs/open-keys.ts'

/** Where the keys of pseudonyms are, and how tokens are made. Throws `CONFIG_INVALID` when a KMS is not told of. */
export const keysOf = (config: Config): KeySettings => ({
  kms: kmsOf(config),
  format: { mode: config.pseudonymsMode, email: config.pseudonymsEmail },
  tenant: config.pseudonymsTenant,
  lookupsPerMinute: config.pseudonymsLookups,
})

const kmsOf = (config: Config): NonNullable<KeySettings['kms']> => {
  const {
    keysKms: kind,
    keysPrefix: prefix,
    keysAwsEndpoint: endpoint,
    keysVaultNamespace: namespace,
  } = config
  if (kind === 'local') return { kind, secret: config.keysSecret }
  if (kind === 'aws') {
    const region = needed(config, 'keysAwsRegion', kind)
    return { kind, region, prefix, ...(endpoint !== null && { endpoint }) }
  }
  return {
    kind,
    prefix,
    url: needed(config, 'keysVaultUrl', kind),
    token: needed(config, 'keysVaultToken', kind),
    mount: config.keysVaultMount,
    ...(namespace !== null && { namespace }),
  }
}

type Told = 'keysAwsRegion' | 'keysVaultUrl' | 'keysVaultToken'

const needed = (config: Config, setting: Told & SettingName, kind: string): string => {
  const value = config[setting]
  if (value !== null) return value
  const { yaml: name } = SETTINGS[setting]
  const remedy = `Set it, or another \`keys.kms\` than ${kind}.`
  const faults = [{ name, place: 'settings', problem: 'is not set.', remedy }]
  throw new AssentError('CONFIG_INVALID', name, { faults })
}
