import { type EvaluateJob, evaluateJob } from './evaluate-job.ts'
import { type TrainJob, trainJob } from './train-job.ts'

export type RecommendJob =
  | { readonly kind: 'train'; readonly train: TrainJob }
  | { readonly kind: 'evaluate'; readonly evaluate: EvaluateJob }

export type JobProgress = (done: number, total: number, said: string) => void

/** Of the two there are, the one that is asked for. */
export const doRecommendJob = (job: RecommendJob, progress: JobProgress): unknown =>
  job.kind === 'train' ? trainJob(job.train, progress) : evaluateJob(job.evaluate, progress)
