import { epsilonOfRho, rhoOfGaussian } from '../../../privacy/accounting/concentrated.ts'
import { type Charge, epsilonOfCharges } from '../../../privacy/budget/charge.ts'
import type { PrivateRelease } from './model.ts'

/** What releases really cost, as a ledger writes it down. */
export const chargesOf = (releases: readonly PrivateRelease[]): readonly Charge[] =>
  releases.filter(({ steps }) => steps > 0).map(chargeOf)

const chargeOf = ({ noiseMultiplier, samplingRate, steps }: PrivateRelease): Charge =>
  samplingRate === 1
    ? { kind: 'concentrated', rho: rhoOfGaussian(noiseMultiplier, steps) }
    : { kind: 'steps', samplingRate, noiseMultiplier, steps }

/** ε of all of them together: by ρ where nothing was sampled, else by Rényi’s divergences. */
export const spentOn = (
  releases: readonly PrivateRelease[],
  delta: number,
): { readonly epsilon: number; readonly accountant: 'zcdp' | 'rdp' } => {
  const charges = chargesOf(releases)
  const rhos = charges.flatMap((charge) => (charge.kind === 'concentrated' ? [charge.rho] : []))
  if (rhos.length === charges.length)
    return {
      epsilon: epsilonOfRho(
        rhos.reduce((sum, rho) => sum + rho, 0),
        delta,
      ),
      accountant: 'zcdp',
    }
  return {
    epsilon: epsilonOfCharges(
      charges.map((charge) => ({ charge, times: 1 })),
      delta,
    ),
    accountant: 'rdp',
  }
}
