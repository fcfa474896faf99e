import { CommanderError } from 'commander'
import { AssentError } from '../gateway/errors.ts'
import { EXIT, exitCodeOf, NAMED_WRONG } from './exit-code.ts'
import { programOf } from './program.ts'

// Who has read enough closes the pipe, as `head` does: nothing more can be said, and nobody is to be told of it.
for (const stream of [process.stdout, process.stderr]) stream.on('error', endUnread)

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

function endUnread(problem: NodeJS.ErrnoException): void {
  if (problem.code !== 'EPIPE') throw problem
  process.exit(EXIT.unread)
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
  if (NAMED_WRONG.has(code))
    return `${String(code)}: ${placeOf(problem)} cannot be used.\nName a file, a directory or an address that is there and may be used.`
  if (typeof code === 'string' && typeof message === 'string') return `${code}: ${message}`
  return problem instanceof Error ? (problem.stack ?? problem.message) : String(problem)
}

/** The file or address as it was named. */
function placeOf(problem: unknown): string {
  const { path, input, message } = problem as Record<'path' | 'input' | 'message', unknown>
  return [path, input, message].find((one) => typeof one === 'string') as string
}
