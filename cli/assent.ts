import { CommanderError } from 'commander'
import { AssentError } from '../gateway/errors.ts'
import { EXIT, exitCodeOf } from './exit-code.ts'
import { programOf } from './program.ts'

try {
  const program = await programOf(process.argv[2])
  await program.parseAsync()
} catch (problem) {
  if (problem instanceof CommanderError) process.exitCode = problem.exitCode === 0 ? EXIT.ok : EXIT.usage
  else {
    console.error(told(problem))
    process.exitCode = exitCodeOf(problem)
  }
}

/** What is known is said in words; only what nobody expected comes with its stack. */
function told(problem: unknown): string {
  if (problem instanceof AssentError)
    return `${problem.code}: ${problem.message}\n${String(problem.extensions['remedy'])}`
  const {
    code: own,
    message,
    extensions,
  } = (problem ?? {}) as Record<'code' | 'message' | 'extensions', unknown>
  const code = own ?? (extensions as { code?: unknown } | undefined)?.code
  if (typeof code === 'string' && typeof message === 'string') return `${code}: ${message}`
  return problem instanceof Error ? (problem.stack ?? problem.message) : String(problem)
}
