/** Resolves at the first SIGINT or SIGTERM; a second one ends the process at once, with the status of that signal. */
export const untilStopped = (): Promise<void> =>
  new Promise((resolve) => {
    let isAsked = false
    const stopOn = (signal: NodeJS.Signals, status: number): void => {
      process.on(signal, () => {
        if (isAsked) process.exit(status)
        isAsked = true
        resolve()
      })
    }
    stopOn('SIGINT', 130)
    stopOn('SIGTERM', 143)
  })
