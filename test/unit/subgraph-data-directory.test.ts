import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { lockDataDirectory } from '../../subgraphs/data-directory.ts'

const LOCKED = expect.objectContaining({ code: 'DATA_DIRECTORY_LOCKED' })

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'assent-lock-'))
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

describe('A data directory', () => {
  test('is made when it is not there', () => {
    const lock = lockDataDirectory(join(directory, 'not', 'yet'))
    expect(existsSync(join(directory, 'not', 'yet', 'lock'))).toBe(true)
    lock.release()
  })

  test('is for one process at a time, and the error names the one that has it', () => {
    const lock = lockDataDirectory(directory)
    expect(() => lockDataDirectory(directory)).toThrow(LOCKED)
    expect(() => lockDataDirectory(directory)).toThrow(new RegExp(`process ${process.pid} on ${hostname()}`))
    lock.release()
  })

  test('is free again once it is released, and nothing is left behind', () => {
    lockDataDirectory(directory).release()
    expect(readdirSync(directory)).toEqual([])
    lockDataDirectory(directory).release()
  })

  test('stays with its new holder when an old one releases twice', () => {
    const first = lockDataDirectory(directory)
    first.release()
    const second = lockDataDirectory(directory)
    first.release()
    expect(() => lockDataDirectory(directory)).toThrow(LOCKED)
    second.release()
  })

  test('is taken over from a process that is gone', async () => {
    heldBy({ pid: await pidThatIsGone() })
    const lock = lockDataDirectory(directory)
    expect(JSON.parse(readFileSync(join(directory, 'lock'), 'utf8'))).toMatchObject({ pid: process.pid })
    expect(readdirSync(directory)).toEqual(['lock'])
    lock.release()
  })

  test.skipIf(!existsSync('/proc/self/stat'))(
    'is taken over when the pid has been given to another process',
    () => {
      heldBy({ pid: process.pid, began: 'an earlier boot/12' })
      lockDataDirectory(directory).release()
    },
  )

  test('is not taken over from a running process that the system tells nothing more about', () => {
    heldBy({ pid: process.pid, began: null })
    expect(() => lockDataDirectory(directory)).toThrow(LOCKED)
  })

  test('is not taken over from another machine, whose processes cannot be seen from here', async () => {
    heldBy({ pid: await pidThatIsGone(), host: 'elsewhere' })
    expect(() => lockDataDirectory(directory)).toThrow(/on elsewhere.*delete the file `lock`/)
  })

  test('is taken over when the lock says nothing', () => {
    writeFileSync(join(directory, 'lock'), '')
    lockDataDirectory(directory).release()
  })

  test('is left to another process that is taking it over at this moment', async () => {
    heldBy({ pid: await pidThatIsGone() })
    writeFileSync(join(directory, 'lock.takeover'), '{}')
    expect(() => lockDataDirectory(directory)).toThrow(LOCKED)
  })
})

function heldBy(holder: { pid: number; host?: string; began?: string | null }): void {
  const whole = { host: hostname(), began: null, token: 'theirs', ...holder }
  writeFileSync(join(directory, 'lock'), JSON.stringify(whole))
}

async function pidThatIsGone(): Promise<number> {
  const child = spawn(process.execPath, ['-e', ''])
  await once(child, 'exit')
  return child.pid ?? 0
}
