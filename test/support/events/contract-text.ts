import { stringify } from 'yaml'

/** A whole contract as plain values, for a test to change. */
export const wholeContract = () => ({
  type: 'page_view',
  version: 1,
  owner: 'team-web',
  purpose: ['analytics'],
  description: 'Somebody looked at the page of a product.',
  timestamp: 'When the page was asked for.',
  optIn: 'The person agreed to be measured.',
  basis: 'consent',
  scope: 'analytics' as string | null,
  retention: 'P13M',
  consumers: ['features', 'recommendations'],
  disposition: 'purge',
  deprecation: { notice: 'P90D' } as Record<string, unknown>,
  quality: { freshness: 'PT15M', minimumValid: 0.98, alert: 'team-web' } as Record<string, unknown>,
  fields: {
    type: 'object',
    additionalProperties: false as unknown,
    required: ['sku'],
    properties: {
      sku: {
        meaning: 'The product that was looked at.',
        classification: 'behaviour',
        type: 'string',
        maxLength: 32,
        pattern: '^[A-Z]{3}-[0-9]{3}$',
        examples: ['KIT-001'],
      },
    } as Record<string, Record<string, unknown>>,
  },
})

export type WholeContract = ReturnType<typeof wholeContract>

/** The file of a contract that differs in what `change` does to it. */
export function contractText(change: (contract: WholeContract) => void = () => undefined): {
  file: string
  text: string
} {
  const contract = wholeContract()
  change(contract)
  return { file: `events/${contract.type}.yaml`, text: stringify(contract) }
}

/** A contract with one more field. */
export const withField = (name: string, field: Record<string, unknown>) =>
  contractText((contract) => {
    contract.fields.properties[name] = {
      meaning: 'What it is there for.',
      classification: 'behaviour',
      ...field,
    }
  })
