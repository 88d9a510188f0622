import { ChoiceField, Rows, TextField } from './Cells.tsx';
import type { DraftProblems } from './read-draft.ts';
import { blankStep, type ServiceDraft, type UpdateDraft } from './service-draft.ts';

/** How a revision takes the place of the one before it; only the fields that its strategy knows. */
export function UpdateFields({
  update,
  problems,
  onChange,
}: {
  update: UpdateDraft;
  problems: DraftProblems;
  onChange: (part: Partial<ServiceDraft>) => void;
}) {
  const change = (part: Partial<UpdateDraft>): void => onChange({ update: { ...update, ...part } });
  type TextKey = Exclude<keyof UpdateDraft, 'strategy' | 'order' | 'onFailure' | 'steps'>;
  const text = (key: TextKey) => ({
    problems,
    value: update[key],
    onChange: (value: string) => change({ [key]: value }),
  });
  const { strategy } = update;
  return (
    <>
      <ChoiceField
        label="Strategy"
        value={strategy}
        choices={[
          ['rolling', 'Rolling: replica by replica'],
          ['blue-green', 'Blue-green: all beside, then switch'],
          ['canary', 'Canary: a share of the traffic first'],
        ]}
        onChange={(next) => change({ strategy: next })}
      />
      {strategy === 'rolling' && (
        <>
          <ChoiceField
            label="Order"
            value={update.order}
            choices={[
              ['start-first', 'Start new, then stop old'],
              ['stop-first', 'Stop old, then start new'],
            ]}
            onChange={(order) => change({ order })}
          />
          <TextField label="At once" place="update.parallelism" hint="0 for all." {...text('parallelism')} />
          <TextField label="Pause between" place="update.delayMs" {...text('delay')} />
        </>
      )}
      <TextField label="Healthy within" place="update.healthDeadlineMs" {...text('healthDeadline')} />
      <TextField label="Watched for" place="update.monitorMs" hint="Once it is healthy." {...text('monitor')} />
      <TextField label="Drained for" place="update.drainMs" hint="At most, before a stop." {...text('drain')} />
      <ChoiceField
        label="If it fails"
        value={update.onFailure}
        choices={[
          ['rollback', 'Roll back by itself'],
          ['pause', 'Stand still and ask'],
        ]}
        onChange={(onFailure) => change({ onFailure })}
      />
      {strategy !== 'rolling' && (
        <TextField
          label="Old ones kept for"
          place="update.keepPreviousMs"
          hint="Going back only switches traffic."
          {...text('keepPrevious')}
        />
      )}
      {strategy === 'canary' && (
        <>
          <div className="sform__wide">
            <Rows
              name="Step"
              addLabel="Add a step"
              rows={update.steps}
              blank={blankStep}
              layout="srows__row--two"
              empty="All traffic at once."
              onChange={(steps) => change({ steps })}
            >
              {(row, at, changeRow) => (
                <>
                  <TextField
                    label="Share of the traffic, %"
                    place={`update.canarySteps.${at}.weightPercent`}
                    problems={problems}
                    value={row.weight}
                    onChange={(weight) => changeRow({ weight })}
                  />
                  <TextField
                    label="For"
                    place={`update.canarySteps.${at}.holdMs`}
                    problems={problems}
                    value={row.hold}
                    placeholder="until a person promotes"
                    onChange={(hold) => changeRow({ hold })}
                  />
                </>
              )}
            </Rows>
          </div>
          <TextField label="Errors, at most %" place="update.limits.errorPercentMax" {...text('errorPercentMax')} />
          <TextField
            label="p99, at most ms"
            place="update.limits.p99MsMax"
            placeholder="not judged"
            {...text('p99MsMax')}
          />
          <TextField label="Restarts, at most" place="update.limits.restartsMax" {...text('restartsMax')} />
        </>
      )}
    </>
  );
}
