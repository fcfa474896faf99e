import type { PolicyBundle } from './bundle.ts'
import type { PolicyPlace } from './cell-at.ts'

/**
 * What a default rests on, where a statement would name its receipt: the bundle to the letter, and the place it was
 * asked for. `policy:retailer@1.2.0+3f9a0c51d2e4/US-CA/-`; `-` is a region or brand that was not stated.
 */
export function policyReceipt({ id }: PolicyBundle, { region, brand }: PolicyPlace): string {
  return `${PREFIX}${id}/${region ?? '-'}/${brand ?? '-'}`
}

/** Which bundle and place a default rested on; null for the receipt of a statement. */
export function readPolicyReceipt(receipt: string): { policy: string; place: PolicyPlace } | null {
  if (!receipt.startsWith(PREFIX)) return null
  const [policy = '', region = '-', brand = '-'] = receipt.slice(PREFIX.length).split('/')
  return { policy, place: { region: stated(region), brand: stated(brand) } }
}

const PREFIX = 'policy:'

function stated(word: string): string | null {
  return word === '-' ? null : word
}
