/** What browsers have and Node may not have: looked up when needed, so that the same code runs in both. */
interface Outside {
  readonly location?: { readonly origin: string }
  readonly localStorage?: ConsentStorage
  readonly indexedDB?: IdbFactory
  readonly navigator?: { readonly locks?: { request<T>(name: string, run: () => Promise<T>): Promise<T> } }
  addEventListener?(type: string, listener: (event: { readonly key?: string | null }) => void): void
  removeEventListener?(type: string, listener: (event: { readonly key?: string | null }) => void): void
}

/** Where statements wait while the service cannot be reached. `localStorage` is one. */
export interface ConsentStorage {
  getItem(key: string): string | null
  setItem(key: string, value: string): void
}

export interface IdbFactory {
  open(name: string, version: number): IdbRequest<IdbDatabase>
}

export interface IdbDatabase {
  createObjectStore(name: string): unknown
  transaction(store: string, mode: 'readwrite'): { objectStore(name: string): IdbStore }
  close(): void
}

interface IdbStore {
  get(key: string): IdbRequest<unknown>
  put(value: unknown, key: string): IdbRequest<unknown>
}

export interface IdbRequest<T> {
  readonly result: T
  readonly error: Error | null
  addEventListener(type: 'success' | 'error' | 'upgradeneeded', listener: () => void): void
}

export const outside = globalThis as unknown as Outside

const turns = new Map<string, Promise<unknown>>()

/** One at a time under a name: among all tabs of the origin where there are locks, else within this program. */
export async function inTurn<T>(name: string, run: () => Promise<T>): Promise<T> {
  const locks = outside.navigator?.locks
  if (locks !== undefined) return locks.request(name, run)
  const turn = (turns.get(name) ?? Promise.resolve()).then(run, run)
  turns.set(name, turn)
  return turn
}
