import { type PreparedTraining, trainPrepared } from '../subgraphs/recommendations/train/train-prepared.ts'
import { type EvaluateJob, evaluateJob } from './evaluate-job.ts'
import { type TrainJob, trainJob } from './train-job.ts'

export type RecommendJob =
  | { readonly kind: 'prepared'; readonly prepared: PreparedTraining }
  | { readonly kind: 'train'; readonly train: TrainJob }
  | { readonly kind: 'evaluate'; readonly evaluate: EvaluateJob }

export type JobProgress = (done: number, total: number, said: string) => void

/** Of those there are, the one that is asked for. */
export const doRecommendJob = (job: RecommendJob, progress: JobProgress): unknown => {
  switch (job.kind) {
    case 'prepared':
      return trainPrepared(job.prepared, progress)
    case 'train':
      return trainJob(job.train, progress)
    case 'evaluate':
      return evaluateJob(job.evaluate, progress)
  }
}
