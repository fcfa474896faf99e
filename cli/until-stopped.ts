/** Resolves at the first SIGINT, SIGTERM or SIGHUP; a second one ends the process at once, with the status of that signal. */
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
    // The terminal was closed: nobody is left to stop it otherwise.
    stopOn('SIGHUP', 129)
  })
