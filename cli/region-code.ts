import { InvalidArgumentError } from 'commander'
import { COUNTRIES } from '../subgraphs/consent/policy/places.ts'

/** A flag that names a country or territory: ISO 3166-1 alpha-2. Consent is kept by region, so a wrong one is a no. */
export const regionCode = (written: string): string => {
  const code = written.toUpperCase()
  if (!COUNTRIES.has(code)) throw new InvalidArgumentError('write two letters of ISO 3166-1, such as DE.')
  return code
}
