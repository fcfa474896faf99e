/** The signature covers the bytes of the body, so the text is kept beside what it says. */
export interface Body {
  readonly text: string
  readonly json: unknown
}

/** A request as a door has read it. */
interface Posted {
  readonly body: unknown
}

export function bodyOf(request: Posted): Body {
  return (request.body as Body | undefined) ?? { text: '', json: null }
}

interface Operation {
  readonly query: string | null
  readonly variables: Record<string, unknown>
  readonly operationName?: string
}

export function operationOf(request: Posted): Operation {
  const { query, variables, operationName } = (bodyOf(request).json ?? {}) as Record<string, unknown>
  return {
    query: typeof query === 'string' ? query : null,
    variables: typeof variables === 'object' && variables !== null ? { ...variables } : {},
    ...(typeof operationName === 'string' ? { operationName } : {}),
  }
}
