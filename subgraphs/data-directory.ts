import { randomUUID } from 'node:crypto'
import { linkSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { CodedFailure } from './coded-failure.ts'

export interface DataDirectoryLock {
  /** Lets the next process in. Done by itself when this process ends in an orderly way. */
  release(): void
}

interface Holder {
  readonly pid: number
  readonly host: string
  /** When the process began, as the system counts it: a pid alone may by now be somebody else's. */
  readonly began: string | null
  readonly token: string
}

/**
 * One process at a time: the embedded database has no lock of its own, and two that write to one directory lose
 * what they acknowledged. A lock left behind by a process that is gone is taken over.
 * Throws `DATA_DIRECTORY_LOCKED`.
 */
export function lockDataDirectory(directory: string): DataDirectoryLock {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const lock = join(directory, 'lock')
  const mine: Holder = {
    pid: process.pid,
    host: hostname(),
    began: beginningOf(process.pid),
    token: randomUUID(),
  }
  if (!isTaken(lock, mine)) takeOver(lock, mine, directory)

  const release = () => {
    process.off('exit', release)
    if (readHolder(lock)?.token === mine.token) rmSync(lock, { force: true })
  }
  process.on('exit', release)
  return { release }
}

function locked(directory: string, holder: Holder | null): CodedFailure {
  const by = holder === null ? '' : `, process ${holder.pid} on ${holder.host}`
  return new CodedFailure('DATA_DIRECTORY_LOCKED', directory + by)
}

/** Linked into place, so that nobody ever reads half of it, and only when there is none. */
function isTaken(lock: string, holder: Holder): boolean {
  const draft = `${lock}.${holder.token}`
  writeFileSync(draft, JSON.stringify(holder), { mode: 0o600 })
  try {
    linkSync(draft, lock)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    return false
  } finally {
    rmSync(draft, { force: true })
  }
}

/** Under a guard: of two that find the same old lock, one removes it, and not the other's new one. */
function takeOver(lock: string, mine: Holder, directory: string): void {
  const guard = `${lock}.takeover`
  removeOldGuard(guard)
  if (!isTaken(guard, mine)) throw locked(directory, readHolder(lock))
  try {
    const holder = readHolder(lock)
    if (holder !== null && isRunning(holder)) throw locked(directory, holder)
    rmSync(lock, { force: true })
    if (!isTaken(lock, mine)) throw locked(directory, readHolder(lock))
  } finally {
    rmSync(guard, { force: true })
  }
}

/** A takeover is a matter of milliseconds; one that is a minute old was broken off. */
function removeOldGuard(guard: string): void {
  const madeAt = statSync(guard, { throwIfNoEntry: false })?.mtimeMs
  if (madeAt !== undefined && Date.now() - madeAt > 60_000) rmSync(guard, { force: true })
}

/** Null when there is no lock, or none that says who holds it. */
function readHolder(lock: string): Holder | null {
  try {
    const holder: unknown = JSON.parse(readFileSync(lock, 'utf8'))
    return typeof (holder as Holder | null)?.pid === 'number' ? (holder as Holder) : null
  } catch {
    return null
  }
}

/** Of another machine's processes nothing is known, so they are taken to run. */
function isRunning({ pid, host, began }: Holder): boolean {
  if (host !== hostname()) return true
  try {
    process.kill(pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
  }
  const now = beginningOf(pid)
  return began === null || now === null || began === now
}

/** Boot and clock tick at which a process began; null where the system does not tell. */
function beginningOf(pid: number): string | null {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name, in brackets, may hold anything; the 20th field behind it is the start (proc(5)).
    return `${boot}/${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]}`
  } catch {
    return null
  }
}
