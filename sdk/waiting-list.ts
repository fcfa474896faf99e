import { type ConsentStorage, inTurn } from './outside.ts'

/** A statement that was not taken yet, as it will be sent. */
export interface Waiting {
  readonly id: string
  readonly action: 'give' | 'refuse' | 'withdraw'
  readonly scopes: readonly string[]
}

/** What became of a statement. */
export interface Settled {
  readonly id: string
  /** What the service answered; null when it refused. */
  readonly answer: unknown
  readonly code: string | null
  readonly message: string
}

export interface Entry {
  readonly person: string
  /** When it was said, by this browser's clock: only how long ago that was is told. */
  readonly said: number
  readonly statement: Waiting
}

interface Kept {
  readonly waiting: readonly Entry[]
  /** The last ones, so that the tab that spoke hears what became of it, whichever tab sent it. */
  readonly settled: readonly Settled[]
}

const MOST_SETTLED = 20

/**
 * Statements in the order they were made, of all people and tabs of this browser, written down before anything is sent: a
 * withdrawal is not lost with its tab, and nothing said later is sent before it.
 */
export interface WaitingList {
  add(person: string, statement: Waiting): Promise<void>
  /** The first of this person. */
  first(person: string): Entry | undefined
  all(person: string): readonly Waiting[]
  /** Whether nobody of this browser waits. */
  isEmpty(): boolean
  settle(outcome: Settled): Promise<void>
  settled(id: string): Settled | undefined
}

export function createWaitingList(name: string, storage: ConsentStorage): WaitingList {
  /** Used when nothing can be kept (full, forbidden): then the list lives as long as this page. */
  let unkept: string | null = null
  const read = (): Kept => {
    try {
      const kept: unknown = JSON.parse(unkept ?? storage.getItem(name) ?? '')
      return isKept(kept) ? sound(kept) : { waiting: [], settled: [] }
    } catch {
      return { waiting: [], settled: [] }
    }
  }
  const change = (make: (kept: Kept) => Kept): Promise<void> =>
    inTurn(`${name}:edit`, async () => {
      const text = JSON.stringify(make(read()))
      try {
        storage.setItem(name, text)
        unkept = null
      } catch {
        unkept = text
      }
    })
  const all = (person: string): readonly Waiting[] =>
    read()
      .waiting.filter((entry) => entry.person === person)
      .map(({ statement }) => statement)
  return {
    add: (person, statement) =>
      change(({ waiting, settled }) => ({
        waiting: [...waiting, { person, said: Date.now(), statement }],
        settled,
      })),
    first: (person) => read().waiting.find((entry) => entry.person === person),
    all,
    isEmpty: () => read().waiting.length === 0,
    settle: (outcome) =>
      change(({ waiting, settled }) => ({
        waiting: waiting.filter(({ statement }) => statement.id !== outcome.id),
        settled: [...settled, outcome].slice(-MOST_SETTLED),
      })),
    settled: (id) => read().settled.find((outcome) => outcome.id === id),
  }
}

/** Without what somebody else wrote: it would stand in the way of everything behind it. */
function sound({ waiting, settled }: Kept): Kept {
  return {
    waiting: waiting.filter(
      (entry) => typeof entry?.person === 'string' && entry.statement?.id !== undefined,
    ),
    settled: settled.filter((outcome) => outcome?.id !== undefined),
  }
}

function isKept(value: unknown): value is Kept {
  const { waiting, settled } = (value ?? {}) as Partial<Kept>
  return Array.isArray(waiting) && Array.isArray(settled)
}
