import type { DocumentNode } from 'graphql'
import { ERRORS } from '../error-catalogue.ts'
import type { Fence } from '../fence/fence.ts'
import type { OperationCost } from '../limits/operation-cost.ts'
import type { QueryPlan } from '../plan/query-plan.ts'
import type { Caller } from '../ports.ts'
import type { AccessLog } from './access-log.ts'
import type { Meter } from './meter.ts'
import { observedPorts } from './observed-ports.ts'
import type { AnsweredPart, AnsweredWith, BeginningRequest, RequestObservation } from './observer.ts'
import { type AskedOperation, documentHash, operationOf, type OperationNames } from './operation-names.ts'
import type { WatchedPorts, WithheldLine } from './request-watch.ts'
import type { Attributes, TraceSpan, Tracing } from './tracing.ts'

/** What all requests of a process share. */
export interface Observing {
  readonly meter: Meter | null
  readonly tracing: Tracing | null
  readonly accessLog: AccessLog | null
  readonly serverTiming: boolean
  readonly traceDocuments: boolean
  readonly operationNames: OperationNames
  readonly isKept: (plan: QueryPlan) => boolean
}

type Phase = 'read' | 'plan' | 'fetch' | 'project' | 'write'

/** One request from its first byte to the last of its answer, told to whoever wants to know. */
export class ObservedRequest implements RequestObservation {
  readonly #to: Observing
  readonly #request: BeginningRequest
  readonly #started = performance.now()
  readonly #span: TraceSpan | null
  readonly #took = new Map<string, number>()
  readonly #codes = new Set<string>()
  #phase: Phase = 'read'
  #phaseStarted = this.#started
  #phaseSpan: TraceSpan | null
  #caller: Caller | null = null
  #document: DocumentNode | null = null
  #operation: AskedOperation | null = null
  #subgraphRequests = 0
  #consentSubjects = 0
  #withheld = 0
  #cost: number | null = null
  #hasData = false
  #isAnswered = false
  #isStream = false
  readonly #members: ObservedRequest[] = []
  #isOver = false

  constructor(to: Observing, request: BeginningRequest) {
    this.#to = to
    this.#request = request
    this.#span =
      to.tracing?.begin(request.incoming('traceparent'), {
        'http.request.method': request.method,
        'http.route': '/graphql',
        'assent.request.id': request.requestId,
      }) ?? null
    this.#phaseSpan = this.#span?.begin('read') ?? null
  }

  member(requestId: string): RequestObservation {
    const { method, incoming } = this.#request
    const traceparent = this.#span?.traceparent
    const member = new ObservedRequest(this.#to, {
      requestId,
      method,
      incoming: (name) => (name === 'traceparent' ? traceparent : incoming(name)),
    })
    this.#members.push(member)
    return member
  }

  identified(caller: Caller): void {
    this.#caller = caller
  }

  asked(document: DocumentNode, operationName: string | undefined): void {
    this.#document = document
    this.#operation = operationOf(document, operationName)
  }

  phase(name: Phase): void {
    if (this.#isOver || name === this.#phase) return
    this.#leavePhase()
    this.#phase = name
    this.#phaseSpan = this.#span?.begin(name) ?? null
  }

  #leavePhase(): void {
    const now = performance.now()
    this.#took.set(this.#phase, (this.#took.get(this.#phase) ?? 0) + now - this.#phaseStarted)
    this.#phaseStarted = now
    this.#phaseSpan?.end()
  }

  costed({ cost }: OperationCost): void {
    this.#cost = cost
  }

  planned(plan: QueryPlan): void {
    const isKept = this.#to.isKept(plan)
    this.#phaseSpan?.set({ 'assent.plan.kept': isKept })
    this.#to.meter?.add('plans', { outcome: isKept ? 'kept' : 'made' })
    if (!isKept)
      this.#to.meter?.observe('planningSeconds', {}, (performance.now() - this.#phaseStarted) / 1000)
  }

  ports(ports: WatchedPorts, isStream = false): WatchedPorts {
    this.#isStream ||= isStream
    return observedPorts(ports, {
      meter: this.#to.meter,
      traceDocuments: this.#to.traceDocuments,
      isTraced: this.#phaseSpan !== null,
      // A stream may last for days: a trace of all its events would be told at its end, if anybody still took it.
      begin: (span, attributesOf) =>
        isStream ? null : (this.#phaseSpan?.begin(span, attributesOf()) ?? null),
      subgraphAsked: () => void (this.#subgraphRequests += 1),
      consentAsked: (subjects, ms) => {
        this.#consentSubjects += subjects
        this.#took.set('consent', (this.#took.get('consent') ?? 0) + ms)
      },
    })
  }

  fence(fence: Fence): Fence {
    return fence
  }

  withheld(lines: readonly WithheldLine[]): void {
    for (const { coordinate, reason, count } of lines) {
      this.#withheld += count
      this.#to.meter?.add('withheld', { coordinate, reason }, count)
    }
  }

  answered(answer: AnsweredWith): void {
    if (this.#isAnswered) return
    this.#isAnswered = true
    this.phase('write')
    this.#tell(answer)
  }

  part({ incremental = [], ...answer }: AnsweredPart): void {
    for (const told of [answer, ...incremental]) this.#tell(told)
  }

  #tell({ data, errors = [] }: AnsweredWith): void {
    this.#hasData ||= data !== undefined && data !== null
    for (const { extensions } of errors) {
      const code = String(extensions?.['code'])
      const known = Object.hasOwn(ERRORS, code) ? code : 'INTERNAL'
      this.#codes.add(known)
      this.#to.meter?.add('errors', { code: known })
    }
  }

  serverTiming(): string | null {
    if (!this.#to.serverTiming) return null
    return TOLD.flatMap((name) => {
      const ms = this.#took.get(name)
      return ms === undefined ? [] : [`${name};dur=${ms.toFixed(1)}`]
    }).join(', ')
  }

  end({ status, isWhole }: { readonly status: number; readonly isWhole: boolean }): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#leavePhase()
    const outcome = isWhole ? this.#outcome(status) : 'aborted'
    this.#trace(status, outcome)
    for (const member of this.#members) member.end({ status, isWhole })
    if (this.#members.length > 0) return
    this.#measure(outcome)
    this.#write(status, outcome)
  }

  #outcome(status: number): string {
    if (this.#hasData) return this.#codes.size > 0 ? 'partial' : 'ok'
    const codes = [...this.#codes]
    const worst = codes.map((code) => ERRORS[code as keyof typeof ERRORS].status)
    return Math.max(status, ...worst) >= 500 ? 'failed' : codes.length > 0 || status >= 400 ? 'refused' : 'ok'
  }

  #operationLabel(): string {
    return this.#to.operationNames.label(this.#operation?.name, this.#caller)
  }

  #measure(outcome: string): void {
    const { meter } = this.#to
    if (meter === null) return
    const operation = this.#operationLabel()
    meter.add('requests', { outcome, client: this.#caller?.client ?? 'unknown', operation })
    meter.observe('requestSeconds', { outcome, operation }, (performance.now() - this.#started) / 1000)
    // The phases of a stream are those of its events, and it may last for days.
    if (this.#isStream) return
    for (const [phase, ms] of this.#took)
      if (phase !== 'consent') meter.observe('phaseSeconds', { phase }, ms / 1000)
  }

  #trace(status: number, outcome: string): void {
    if (this.#span === null) return
    const [code = outcome] = this.#codes
    this.#span.set({
      ...this.#who(),
      'http.response.status_code': status,
      'graphql.operation.name': this.#operationLabel(),
      'assent.withheld': this.#withheld,
    })
    this.#span.end(outcome === 'ok' ? undefined : code)
  }

  #who(): Attributes {
    return {
      ...(this.#operation && { 'graphql.operation.type': this.#operation.type }),
      ...(this.#document && { 'assent.operation.hash': documentHash(this.#document) }),
      ...(this.#caller && { 'assent.client': this.#caller.client, 'assent.purpose': this.#caller.purpose }),
    }
  }

  #write(status: number, outcome: string): void {
    this.#to.accessLog?.({
      request: this.#request.requestId,
      client: this.#caller?.client ?? null,
      purpose: this.#caller?.purpose ?? null,
      type: this.#operation?.type ?? null,
      operation: this.#operationLabel(),
      hash: this.#document === null ? null : documentHash(this.#document),
      status,
      outcome,
      durationMs: Math.round((performance.now() - this.#started) * 10) / 10,
      subgraphRequests: this.#subgraphRequests,
      consentSubjects: this.#consentSubjects,
      cost: this.#cost,
      withheld: this.#withheld,
      errors: [...this.#codes],
    })
  }
}

const TOLD = ['read', 'plan', 'fetch', 'consent', 'project'] as const
