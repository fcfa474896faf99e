import { describe, expect, it } from 'vitest'
import { localeChain } from '../../subgraphs/recommendations/locale-chain.ts'

describe('A locale', () => {
  it.each([
    ['pt-BR', ['pt-br', 'pt', '*']],
    ['zh_Hant_TW', ['zh-hant-tw', 'zh-hant', 'zh', '*']],
    ['', ['*']],
    [null, ['*']],
    ['*', ['*']],
    ['not a locale', ['*']],
    ['a-'.repeat(5_000), ['*']],
  ])('%j is looked up from near to far', (locale, chain) => {
    expect(localeChain(locale)).toEqual(chain)
  })
})
