import type { Logger } from 'pino'
import type { Config } from '../config.ts'
import { type MetricsDoor, openMetricsDoor } from '../door/metrics-door.ts'
import { createObserver } from '../observe/create-observer.ts'
import type { Meter } from '../observe/meter.ts'
import type { Observer } from '../observe/observer.ts'

/** Who watches this process. Each part is null when nobody wants it, and its libraries are then not even loaded. */
export interface Telemetry {
  readonly observer: Observer | null
  readonly meter: Meter | null
  close(): Promise<void>
}

export const openTelemetry = async (config: Config, log: Logger): Promise<Telemetry> => {
  const metrics = await openMetrics(config, log)
  const tracing = await openTracing(config)
  const isDevelopment = config.profile === 'development'
  // A line a request is asked for by its own setting, not by how much else is logged.
  const access = config.accessLog ? log.child({}, { level: 'info' }) : null
  const observer = createObserver({
    meter: metrics?.meter ?? null,
    tracing,
    accessLog: access && ((line) => access.info(line, 'request')),
    serverTiming: config.serverTiming === 'on' || (config.serverTiming === 'development' && isDevelopment),
    traceDocuments: config.traceDocuments,
    operationNames: config.operationNames,
  })
  return {
    observer,
    meter: metrics?.meter ?? null,
    async close() {
      await metrics?.door.close()
      metrics?.meter.close()
      // What a collector that is away does not take is lost, and no reason not to stop.
      await tracing?.close().catch(() => undefined)
    },
  }
}

const openMetrics = async ({ metricsPort: port, metricsHost: host }: Config, log: Logger) => {
  if (port === null) return null
  const { createPrometheusMeter } = await import('../adapters/prometheus-meter.ts')
  const meter = createPrometheusMeter()
  const door: MetricsDoor = await openMetricsDoor(meter, { host, port })
  log.info({ url: door.url }, 'metrics are served')
  return { meter, door }
}

const openTracing = async (config: Config) => {
  if (config.otlpUrl === null) return null
  const { createOpentelemetryTracing } = await import('../adapters/opentelemetry-tracing.ts')
  return createOpentelemetryTracing({
    url: config.otlpUrl,
    serviceName: config.serviceName,
    samplePercent: config.traceSamplePercent,
  })
}
