import { execFile } from 'node:child_process'

export interface ToolOptions {
  readonly uid?: number
  readonly gid?: number
  readonly env?: NodeJS.ProcessEnv
}

/** Runs a program to its end and returns what it said on both streams; its last lines are the reason when it fails. */
export const runTool = (
  command: string,
  args: readonly string[],
  options: ToolOptions = {},
): Promise<string> =>
  new Promise((resolve, reject) => {
    const child = execFile(
      command,
      args,
      { ...options, cwd: '/', maxBuffer: 16 * 1024 * 1024 },
      (error, stdout, stderr) => {
        if (error === null) return resolve(stdout + stderr)
        const missing = (error as NodeJS.ErrnoException).code === 'ENOENT'
        const said = `${stdout}${stderr}`.trim().split('\n').slice(-5).join('\n')
        reject(new Error(missing ? `${command} is not installed` : `${command} failed: ${said}`))
      },
    )
    child.stdin?.end()
  })
