import { useEffect } from "preact/hooks";
import { addressOf, change } from "../state";
import { dayAndTime, texts } from "../texts";
import { cancelJob, isOpen, type Job, type JobReport, resumeJob } from "./calls";
import { followJobs, jobs, put, reload } from "./following";
import { JobForm } from "./JobForm";
import { useAct } from "./acting";

/** Jobs: start one, watch them go, end them, go on. */
export function JobsView() {
  useEffect(followJobs, []);
  const known = jobs.value;
  return (
    <main id="results" class="work" tabIndex={-1}>
      <h1>{texts.jobs.title}</h1>
      <JobForm onStarted={reload} />
      <h2>{texts.jobs.list}</h2>
      {known === null && <div class="ghost work-ghost" role="status" aria-busy="true" aria-label={texts.detail.loading} />}
      {known?.length === 0 && <p class="soft">{texts.jobs.none}</p>}
      <ul class="jobs" aria-label={texts.jobs.list}>
        {known?.map((job) => (
          <li key={job.id}>
            <JobCard job={job} />
          </li>
        ))}
      </ul>
    </main>
  );
}

function JobCard({ job }: { job: Job }) {
  const { act, busy, problem } = useAct();
  const { request } = job;
  const name = request.kind === "index" ? texts.jobs.index(request.folder) : texts.jobs.reindex;
  return (
    <article class="job panel" aria-label={name}>
      <header>
        <h3 class="job-name">{name}</h3>
        <span class={`badge ${job.state}`} role="status">
          {texts.jobs.states[job.state]}
        </span>
      </header>
      <p class="soft">
        {texts.jobs.in(job.collection)} · {dayAndTime(job.created)}
      </p>
      {isOpen(job) && <Progress job={job} />}
      {job.report && <Outcome report={job.report} />}
      {job.error && <p class="job-error">{job.error}</p>}
      {problem && (
        <p class="job-error" role="alert">
          {problem}
        </p>
      )}
      <div class="actions">
        {isOpen(job) && (
          <button type="button" disabled={busy} onClick={() => act(async () => void (await cancelJob(job.id), await reload()))}>
            {texts.jobs.cancel}
          </button>
        )}
        {(job.state === "failed" || job.state === "cancelled") && (
          <button
            type="button"
            disabled={busy}
            onClick={() => act(async () => void (put(await resumeJob(job.id)), await reload()))}
          >
            {texts.jobs.resume}
          </button>
        )}
      </div>
    </article>
  );
}

function Progress({ job }: { job: Job }) {
  const { stage, done, total } = job;
  const name = texts.jobs.stages[stage as keyof typeof texts.jobs.stages] ?? stage;
  return (
    <div class="job-progress">
      <progress aria-label={name || texts.jobs.waiting} max={total || 1} {...(total ? { value: done } : {})} />
      <span>{stage ? texts.jobs.progress(name, done, total) : texts.jobs.waiting}</span>
    </div>
  );
}

function Outcome({ report }: { report: JobReport }) {
  const told = Object.entries(texts.jobs.outcome).filter(([name]) => Number(report[name]) > 0);
  const unreadable = Object.entries(report.unreadable_files ?? {});
  return (
    <>
      <p class="job-outcome">
        {told.length
          ? told.map(([name, words], at) => (
              <span key={name}>
                {at > 0 && ", "}
                {name === "quarantined" ? (
                  <a
                    href={addressOf({ view: "quarantine" })}
                    onClick={(event) => (event.preventDefault(), change({ view: "quarantine" }))}
                  >
                    {words(Number(report[name]))}
                  </a>
                ) : (
                  words(Number(report[name]))
                )}
              </span>
            ))
          : texts.jobs.nothingNew}
      </p>
      {unreadable.length > 0 && (
        <details>
          <summary>{texts.jobs.whichUnreadable}</summary>
          <ul class="unreadable">
            {unreadable.map(([path, reason]) => (
              <li key={path}>
                <b>{path}</b>: {reason}
              </li>
            ))}
          </ul>
        </details>
      )}
    </>
  );
}
