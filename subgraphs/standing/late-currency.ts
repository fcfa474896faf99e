import type { Currency } from './standing-store.ts'

/** Stands for whoever will follow, for stores that are opened before. Until somebody does, nothing may be relied upon. */
export interface LateCurrency extends Currency {
  follow(currency: Currency): void
}

export function createLateCurrency(): LateCurrency {
  let followed: Currency | null = null
  return {
    isCurrent: (now) => followed?.isCurrent(now) ?? false,
    turn: () => followed?.turn() ?? 0,
    follow(currency) {
      followed = currency
    },
  }
}
