import { mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createDecisionLog, openDecisionLogFile } from '../../gateway/adapters/decision-log-file.ts'
import type { LineSink } from '../../gateway/adapters/decision-log-file.ts'
import type { DecisionRecord, DecisionRecords } from '../../gateway/ports.ts'

const record = (request: string): DecisionRecord => ({
  at: '2030-01-01T00:00:00.000Z',
  request,
  client: 'shop',
  purpose: 'analytics',
  subgraph: 'features',
  granted: { 'Person.visits': ['analytics'] },
  denied: {},
  scopes: ['analytics'],
  people: [['pid-ada', '7', 'receipt-1']],
  supergraph: 'abc',
})

const recordsOf = (...records: DecisionRecord[]): DecisionRecords => ({
  length: records.length,
  [Symbol.iterator]: () => records[Symbol.iterator](),
  lines: () => records.map((one) => `${JSON.stringify(one)}\n`).join(''),
})

/** A disk that finishes or fails when the test says so. */
const playedDisk = (): LineSink & { appended: string[]; finish: (problem?: Error) => void } => {
  const waiting: ((problem?: Error) => void)[] = []
  const appended: string[] = []
  return {
    appended,
    append: (text) =>
      new Promise((resolve, reject) => {
        appended.push(text)
        waiting.push((problem) => (problem ? reject(problem) : resolve()))
      }),
    close: async () => undefined,
    finish: (problem) => waiting.shift()?.(problem),
  }
}

/** What is decided in one turn is written at its end. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

const settled = async (promise: Promise<unknown>): Promise<string> => {
  const pending = Symbol('pending')
  promise.catch(() => undefined)
  await turn()
  return Promise.race([promise, Promise.resolve(pending)]).then(
    (value) => (value === pending ? 'pending' : 'done'),
    (problem: { code: string }) => problem.code,
  )
}

const requests = (text: string | undefined): string[] =>
  (text ?? '')
    .split('\n')
    .filter(Boolean)
    .map((line) => (JSON.parse(line) as DecisionRecord).request)

describe('the decision log file', () => {
  it('starts a line of its own behind one that a killed process has left half written', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'assent-log-')), 'decisions.jsonl')
    writeFileSync(file, `${JSON.stringify(record('r1'))}\n{"at":"2030`)
    const log = await openDecisionLogFile({ file, policy: 'required' })
    await log.write(recordsOf(record('r2')))
    await log.close()
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n')
    expect(requests([lines[0], lines[2]].join('\n'))).toEqual(['r1', 'r2'])
  })

  it('loses one record at most to a process that was killed in the middle of writing it, wherever that was', async () => {
    const whole = `${JSON.stringify(record('r1'))}\n${JSON.stringify(record('r2'))}\n`
    const torn = JSON.stringify(record('r3'))
    for (let bytes = 1; bytes <= torn.length; bytes += 1) {
      const file = join(mkdtempSync(join(tmpdir(), 'assent-log-')), 'decisions.jsonl')
      writeFileSync(file, `${whole}${torn.slice(0, bytes)}`)
      const log = await openDecisionLogFile({ file, policy: 'required' })
      await log.write(recordsOf(record('r4')))
      await log.close()
      const lines = readFileSync(file, 'utf8').trimEnd().split('\n')
      const read = lines.flatMap((line) => {
        try {
          return [(JSON.parse(line) as DecisionRecord).request]
        } catch {
          return []
        }
      })
      expect(read).toEqual(bytes === torn.length ? ['r1', 'r2', 'r3', 'r4'] : ['r1', 'r2', 'r4'])
    }
  })

  it('keeps one JSON object a line, readable by its owner only, over restarts', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'assent-log-')), 'deep/decisions.jsonl')
    for (const request of ['r1', 'r2']) {
      const log = await openDecisionLogFile({ file, policy: 'required' })
      await log.write(recordsOf(record(request), record(`${request}b`)))
      await log.close()
    }
    expect(requests(readFileSync(file, 'utf8'))).toEqual(['r1', 'r1b', 'r2', 'r2b'])
    expect(statSync(file).mode & 0o077).toBe(0)
  })

  it('that cannot be opened says so', async () => {
    await expect(
      openDecisionLogFile({ file: '/dev/null/decisions.jsonl', policy: 'required' }),
    ).rejects.toMatchObject({ code: 'DECISION_LOG_UNWRITABLE' })
  })

  it('when required, is done after the write; what comes meanwhile goes together', async () => {
    const disk = playedDisk()
    const log = createDecisionLog(disk, { policy: 'required' })
    const first = log.write(recordsOf(record('r1')))
    expect(await settled(first)).toBe('pending')
    const others = [log.write(recordsOf(record('r2'))), log.write(recordsOf(record('r3')))]
    disk.finish()
    expect(await settled(first)).toBe('done')
    expect(await settled(Promise.all(others))).toBe('pending')
    disk.finish()
    expect(await settled(Promise.all(others))).toBe('done')
    expect(disk.appended.map(requests)).toEqual([['r1'], ['r2', 'r3']])
  })

  it('when required, fails every answer whose records were not kept, and goes on', async () => {
    const disk = playedDisk()
    const log = createDecisionLog(disk, { policy: 'required' })
    const first = log.write(recordsOf(record('r1')))
    await turn()
    const failed = settled(first)
    disk.finish(new Error('no space'))
    expect(await failed).toBe('DECISION_LOG_UNWRITABLE')
    const second = log.write(recordsOf(record('r2')))
    await turn()
    disk.finish()
    expect(await settled(second)).toBe('done')
    expect(disk.appended[1]?.startsWith('\n')).toBe(true)
    expect(log.lost()).toBe(1)
  })

  it('when best-effort, never makes an answer wait, and counts what is lost', async () => {
    const disk = playedDisk()
    const log = createDecisionLog(disk, { policy: 'best-effort', maxPending: 10 })
    await log.write(recordsOf(record('r1')))
    await turn()
    await log.write(recordsOf(record('r2')))
    await log.write(recordsOf(record('r3')))
    expect(log.lost()).toBe(1)
    disk.finish(new Error('no space'))
    await settled(Promise.resolve())
    expect(log.lost()).toBe(2)
  })
})
