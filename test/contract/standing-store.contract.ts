import { beforeEach, describe, expect, test } from 'vitest'
import type { Block, RestsOn, Standing } from '../../subgraphs/standing/standing.ts'
import type { StandingStore } from '../../subgraphs/standing/standing-store.ts'

const NOON = Date.UTC(2026, 4, 1, 12)

/** A store, and the condition that goes into the statements beside it. */
export interface OpenStandings {
  readonly store: StandingStore
  readonly isAlive: (row: RestsOn, now: number) => Promise<boolean>
  readonly blockOf: (pid: string) => Promise<string | null>
}

/** What every store of standings promises. `open` gives an empty one. */
export function standingStoreContract(engine: string, open: () => Promise<OpenStandings>): void {
  describe(`A store of standings on ${engine}`, () => {
    let { store, isAlive, blockOf }: OpenStandings = {} as never
    beforeEach(async () => {
      ;({ store, isAlive, blockOf } = await open())
    })
    const ada = { pid: 'ada', scope: 'analytics' }
    const rests = (revision: string, now = NOON) => isAlive({ ...ada, revision }, now)

    test('has heard nothing at the beginning, and nothing is alive', async () => {
      expect(await store.mark()).toBe('0')
      expect(await store.of([ada])).toEqual([])
      expect(await store.people(null, 10)).toEqual([])
      expect(await store.nextExpiry()).toBeNull()
      expect(await rests('999')).toBe(false)
      expect(await blockOf('ada')).toBeNull()
      expect(await store.policy()).toBeNull()
    })

    test('keeps every member of a standing as it was heard, and how far it has heard', async () => {
      const heard = [
        standing({ revision: '900719925474099312', basis: '7', expiresAt: NOON + 1 }),
        standing({ pid: `"o'{bo}`, granted: false, receipt: null, cut: '9', basis: '0', revision: '9' }),
      ]
      await store.write(heard, '900719925474099312')
      expect(byKey(await store.of(heard))).toEqual(byKey(heard))
      expect(await store.mark()).toBe('900719925474099312')
    })

    test('answers pairs and not what is beside them, each once; and people with all they have', async () => {
      const heard = ['ada', 'bo'].flatMap((pid) =>
        ['analytics', 'email'].map((scope) => standing({ pid, scope })),
      )
      await store.write(heard, '7')
      const pairs = [ada, { pid: 'bo', scope: 'email' }, ada]
      expect(byKey(await store.of(pairs))).toEqual(byKey([heard[0], heard[3]] as never))
      expect(byKey(await store.ofPeople(['bo', 'bo', 'cyd']))).toEqual(byKey(heard.slice(2)))
    })

    test('tells everybody in parts', async () => {
      const pids = ['Zoe', 'ada', 'bo', 'cyd'] as const
      await store.write(
        pids.flatMap((pid) => [standing({ pid }), standing({ pid, scope: 'email' })]),
        '7',
      )
      expect(await store.people(null, 3)).toEqual(['Zoe', 'ada', 'bo'])
      expect(await store.people('bo', 3)).toEqual(['cyd'])
    })

    test('a row is alive by a standing that is granted, and rests on what was said after the last no', async () => {
      await store.write([standing({ cut: '4', basis: '7' })], '7')
      expect([await rests('3'), await rests('4'), await rests('5'), await rests('7')]).toEqual([
        false,
        false,
        true,
        true,
      ])
      expect(await isAlive({ pid: 'bo', scope: 'analytics', revision: '7' }, NOON)).toBe(false)
      expect(await isAlive({ pid: 'ada', scope: 'email', revision: '7' }, NOON)).toBe(false)
    })

    test('a row is dead when consent is over, in that very moment', async () => {
      await store.write([standing({ expiresAt: NOON })], '7')
      expect([await rests('7', NOON - 1), await rests('7', NOON), await rests('7', NOON + 1)]).toEqual([
        true,
        false,
        false,
      ])
    })

    test('a row is dead when consent was withdrawn, and stays dead when it is given again', async () => {
      await store.write([standing({ revision: '7', basis: '7' })], '7')
      await store.write(
        [standing({ revision: '9', granted: false, receipt: null, cut: '9', basis: '0' })],
        '9',
      )
      expect(await rests('7')).toBe(false)
      await store.write([standing({ revision: '11', receipt: 'rc-2', cut: '9', basis: '11' })], '11')
      expect([await rests('7'), await rests('9'), await rests('11')]).toEqual([false, false, true])
    })

    test('what waits for a policy is not alive, and is again when the policy lets it count', async () => {
      const yes = standing({ basis: '7' })
      await store.write([yes], '7')
      await store.write([{ ...yes, granted: false }], '8')
      expect(await rests('7')).toBe(false)
      await store.write([yes], '9')
      expect(await rests('7')).toBe(true)
    })

    test('what comes late changes nothing, but for what it has cut', async () => {
      const now = standing({ revision: '11', receipt: 'rc-2', basis: '11' })
      await store.write([now], '11')
      await store.write(
        [standing({ revision: '9', granted: false, receipt: null, cut: '9', basis: '0' })],
        '9',
      )
      expect(await store.of([ada])).toEqual([{ ...now, cut: '9' }])
      expect(await store.mark()).toBe('11')
    })

    test('what was cut stays cut, whatever a later word says of it', async () => {
      await store.write([standing({ revision: '9', cut: '9', basis: '0', granted: false })], '9')
      await store.write([standing({ revision: '11', cut: '0', basis: '11' })], '11')
      expect((await store.of([ada]))[0]?.cut).toBe('9')
    })

    test('numbers are compared as numbers', async () => {
      await store.write([standing({ revision: '10', cut: '9', basis: '10' })], '10')
      await store.write([standing({ revision: '9', granted: false, cut: '2' })], '9')
      expect(await store.of([ada])).toEqual([standing({ revision: '10', cut: '9', basis: '10' })])
      expect([await rests('9'), await rests('10')]).toEqual([false, true])
    })

    test('takes two that are heard about the same at once, in any order', async () => {
      const yes = standing({ revision: '11', receipt: 'rc-2', basis: '11' })
      const no = standing({ revision: '9', granted: false, receipt: null, cut: '9', basis: '0' })
      await store.write([yes, no], '11')
      await store.write(
        [
          { ...no, pid: 'bo' },
          { ...yes, pid: 'bo' },
        ],
        '11',
      )
      const both = { ...yes, cut: '9' }
      expect(await store.ofPeople(['ada', 'bo'])).toEqual([both, { ...both, pid: 'bo' }])
    })

    test('what has run out is cut, so that a renewal that comes later does not bring it back', async () => {
      await store.write([standing({ basis: '7', expiresAt: NOON }), standing({ pid: 'bo' })], '7')
      expect(await store.nextExpiry()).toBe(NOON)
      expect(await store.expire(NOON - 1)).toEqual([])
      expect(await store.expire(NOON)).toEqual(['ada'])
      expect(await store.expire(NOON)).toEqual([])
      expect(await store.nextExpiry()).toBeNull()
      await store.write([standing({ revision: '12', receipt: 'rc-2', basis: '12' })], '12')
      expect([await rests('7'), await rests('12')]).toEqual([false, true])
    })

    test('knows who is blocked until they are not, and who was erased for ever', async () => {
      const write = (...blocks: Block[]) => store.write([], '9', { blocks })
      await write(
        block('ada', 'suppressed', '5'),
        block('bo', 'suppressed', '5'),
        block('cyd', 'erased', '5'),
      )
      await write(block('ada', null, '6'), block('bo', null, '4'), block('cyd', null, '6'))
      const blocks = async () => [await blockOf('ada'), await blockOf('bo'), await blockOf('cyd')]
      expect(await blocks()).toEqual([null, 'suppressed', 'erased'])
      await write(block('ada', 'suppressed', '5'), block('bo', 'erased', '3'))
      expect(await blocks()).toEqual([null, 'erased', 'erased'])
    })

    test('knows under which policy it was decided', async () => {
      await store.write([], '3', { policy: 'bundle-1' })
      await store.write([], '4')
      expect(await store.policy()).toBe('bundle-1')
      await store.write([], '0', { policy: null })
      expect([await store.policy(), await store.mark()]).toEqual([null, '4'])
    })

    test('follows people to their new pids with what was cut, and forgets the elder ones', async () => {
      await store.write([standing({ cut: '4', basis: '7' }), standing({ pid: 'bo' })], '7', {
        blocks: [block('cyd', 'erased', '7')],
      })
      await store.write([standing({ pid: 'ada-2', revision: '9', basis: '9', receipt: 'rc-2' })], '9')
      const renamed = [
        { from: 'ada', to: 'ada-2' },
        { from: 'bo', to: 'bo-2' },
        { from: 'cyd', to: 'cyd-2' },
      ]
      await store.copyPids(renamed)
      await store.copyPids(renamed)
      expect(await store.ofPeople(['ada-2', 'bo-2'])).toEqual([
        standing({ pid: 'ada-2', revision: '9', cut: '4', basis: '9', receipt: 'rc-2' }),
        standing({ pid: 'bo-2', revision: '0' }),
      ])
      expect(await blockOf('cyd-2')).toBe('erased')
      await store.forgetPids(['ada', 'bo', 'cyd'])
      expect(await store.people(null, 10)).toEqual(['ada-2', 'bo-2'])
      expect(await store.mark()).toBe('9')
    })

    test('takes thousands at once', async () => {
      const many = Array.from({ length: 12_000 }, (_, n) => standing({ pid: `pid-${n}` }))
      await store.write(many, '7')
      expect(await store.of(many)).toHaveLength(12_000)
    })
  })
}

function standing(rest: Partial<Standing> = {}): Standing {
  return {
    pid: 'ada',
    scope: 'analytics',
    granted: true,
    receipt: 'rc-1',
    expiresAt: null,
    revision: '7',
    cut: '0',
    basis: '7',
    ...rest,
  }
}

const block = (pid: string, kind: Block['kind'], revision: string): Block => ({ pid, kind, revision })

const byKey = (all: readonly Standing[]): Standing[] =>
  all.toSorted((a, b) => (a.pid + a.scope < b.pid + b.scope ? -1 : 1))
