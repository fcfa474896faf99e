// Takes out one guard at a time, in a copy of the checkout, and requires the tests to fail: a guard nobody misses is no guard.
import { spawn } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { MUTANTS, type Mutant } from './mutants.ts'

/** `npm run mutate -- lease`: only guards with this in their name. */
const wanted = process.argv[2] ?? ''
const CHOSEN = MUTANTS.filter(({ guard }) => guard.includes(wanted))

const root = fileURLToPath(new URL('../', import.meta.url))

const PROPERTY_RUNS = '600'
/** A fixed seed: whether a mutant dies must not be luck. */
const PROPERTY_SEED = '7'
const ONE_RUN_MS = 90_000

interface Run {
  readonly failed: readonly string[]
  readonly messages: string
}

const main = async (): Promise<number> => {
  const copy = mkdtempSync(join(tmpdir(), 'assent-mutate-'))
  const clean = () => rmSync(copy, { recursive: true, force: true })
  const stop = () => {
    current?.kill()
    clean()
    process.exit(1)
  }
  process.once('SIGINT', stop).once('SIGTERM', stop)
  try {
    copyCheckout(copy)
    return await judge(copy)
  } finally {
    clean()
  }
}

let current: ReturnType<typeof spawn> | undefined

const copyCheckout = (copy: string): void => {
  const left = new Set(['node_modules', '.git', 'dist', '.assent', 'coverage'])
  cpSync(root, copy, {
    recursive: true,
    filter: (source) => !left.has(relative(root, source).split(sep)[0] ?? ''),
  })
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))
}

/** Each text once, before anything runs: a mutant that misses its guard proves nothing. */
const checkEdits = (copy: string): void => {
  for (const { guard, edits } of MUTANTS)
    for (const { file, from } of edits) {
      const places = readFileSync(join(copy, file), 'utf8').split(from).length - 1
      if (places !== 1) throw new Error(`${guard}: its text is ${places} times in ${file}, not once`)
    }
}

const judge = async (copy: string): Promise<number> => {
  checkEdits(copy)
  const suites = [...new Set(CHOSEN.flatMap((mutant) => mutant.suites))]
  const { failed: before } = await test(copy, suites)
  for (const name of before)
    console.error(`Fails before anything is taken out, and counts for nothing: ${name}`)
  let survivors = 0
  console.log('| guard | killed by |\n| --- | --- |')
  for (const mutant of CHOSEN) {
    const verdict = await tryMutant(copy, mutant, new Set(before))
    if (!verdict.killed) survivors += 1
    console.log(`| ${mutant.guard} | ${verdict.killed ? '' : 'SURVIVES: '}${verdict.by} |`)
  }
  if (survivors > 0) console.error(`${survivors} of ${CHOSEN.length} guards can be taken out unnoticed.`)
  return survivors === 0 && before.length === 0 ? 0 : 1
}

interface Verdict {
  readonly killed: boolean
  readonly by: string
}

const tryMutant = async (copy: string, mutant: Mutant, before: ReadonlySet<string>): Promise<Verdict> => {
  const originals = new Map<string, string>()
  try {
    for (const { file, from, to } of mutant.edits) {
      const path = join(copy, file)
      const text = readFileSync(path, 'utf8')
      if (!originals.has(path)) originals.set(path, text)
      const places = text.split(from).length - 1
      if (places !== 1) throw new Error(`${mutant.guard}: its text is ${places} times in ${file}, not once`)
      writeFileSync(
        path,
        text.replace(from, () => to),
      )
    }
    const { failed, messages } = await test(copy, mutant.suites)
    const first = failed.find((name) => !before.has(name))
    if (first === undefined) return { killed: false, by: 'no test fails' }
    if (mutant.shows?.test(messages) === false)
      return { killed: false, by: `tests fail, but none says ${String(mutant.shows)}` }
    if (mutant.holds?.test(messages) === true)
      return { killed: false, by: `what stands behind it does not hold: ${String(mutant.holds)}` }
    return { killed: true, by: first }
  } finally {
    for (const [path, text] of originals) writeFileSync(path, text)
  }
}

const test = async (copy: string, suites: readonly string[]): Promise<Run> => {
  const report = join(copy, 'mutate-report.json')
  rmSync(report, { force: true })
  const runner = join(copy, 'node_modules/vitest/vitest.mjs')
  const child = spawn(
    process.execPath,
    [runner, 'run', ...suites, '--reporter=json', `--outputFile=${report}`],
    {
      cwd: copy,
      stdio: 'ignore',
      timeout: ONE_RUN_MS,
      env: {
        ...process.env,
        TEST_PROPERTY_RUNS: PROPERTY_RUNS,
        TEST_PROPERTY_SEED: PROPERTY_SEED,
        TEST_PROPERTY_SURVEY: 'yes',
      },
    },
  )
  current = child
  const signal = await new Promise<NodeJS.Signals | null>((resolve) =>
    child.once('exit', (_, by) => resolve(by)),
  )
  // Who waits for what a guard would have ended waits for ever: that is noticed, too.
  if (signal !== null || !existsSync(report))
    return { failed: [`the tests did not end in ${ONE_RUN_MS / 1000} s`], messages: '' }
  return readReport(report)
}

interface Report {
  readonly testResults: readonly {
    readonly name: string
    readonly message: string
    readonly assertionResults: readonly {
      readonly fullName: string
      readonly status: string
      readonly failureMessages: readonly string[]
    }[]
  }[]
  readonly success: boolean
}

const readReport = (path: string): Run => {
  const { testResults, success } = JSON.parse(readFileSync(path, 'utf8')) as Report
  const failures = testResults.flatMap(({ assertionResults }) =>
    assertionResults.filter(({ status }) => status === 'failed'),
  )
  const failed = failures.map(({ fullName }) => fullName.replaceAll('|', '/').replaceAll('\n', ' '))
  const messages = [
    ...failures.flatMap(({ failureMessages }) => failureMessages),
    ...testResults.map(({ message }) => message),
  ].join('\n')
  return { failed: failed.length === 0 && !success ? ['a suite that does not start'] : failed, messages }
}

process.exitCode = await main().catch((cause: unknown) => {
  console.error(cause instanceof Error ? cause.message : cause)
  return 1
})
