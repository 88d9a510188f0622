import { useState } from 'react';
import type { ImageView } from '#shared/contract/service-views.ts';
import { counted, size } from '../../../app/text.ts';
import { useClient } from '../../../client/ClientContext.tsx';
import { Button } from '../../../ui/button/Button.tsx';
import { type Column, DataTable } from '../../../ui/data/DataTable.tsx';
import { Checkbox } from '../../../ui/field/Checkbox.tsx';
import { showToast } from '../../../ui/overlay/toast-queue.ts';
import { Blank } from '../../../ui/state/Blank.tsx';
import { Bones } from '../../../ui/state/Bones.tsx';
import { useLatest } from '../dialogs/use-latest.ts';
import { PrunePreview } from './PrunePreview.tsx';
import { Problem } from './ResourceRow.tsx';
import { useDeed } from './use-deed.ts';

/** Images of all hosts with what uses them, and what a prune would remove, exactly. */
export function ImagesPanel() {
  const client = useClient();
  const [turn, setTurn] = useState(0);
  const [all, setAll] = useState(false);
  const [isPruning, setPruning] = useState(false);
  const { busy, problem: refusal, run } = useDeed();
  const { answer, problem } = useLatest(`images ${turn}`, () => client.call('image.list', {}));
  const again = (): void => setTurn((before) => before + 1);
  if (answer === null && problem === null) return <Bones rows={4} label="Listing the images" />;
  if (answer === null) {
    return (
      <Blank
        shape="failed"
        title="The images cannot be listed."
        actions={
          <Button icon="retry" onClick={again}>
            Try again
          </Button>
        }
      >
        <p>{problem}</p>
      </Blank>
    );
  }
  const used = answer.images.filter(({ usedBy, isGantrys }) => usedBy.length > 0 || isGantrys);
  const shown = (all ? answer.images : used).toSorted((a, b) => b.sizeBytes - a.sizeBytes);
  const remove = (image: ImageView): void =>
    void run('image.remove', { hostId: image.hostId, digest: image.digest }, () => {
      showToast({ shape: 'done', text: `${imageName(image)} is removed: ${size(image.sizeBytes)}.` });
      again();
    });
  return (
    <>
      <div className="sres__bar">
        <Checkbox checked={all} onChange={setAll}>
          All images of the engines, {answer.images.length}
        </Checkbox>
        <span className="grow" />
        <Button size="small" icon="retry" onClick={again}>
          Look again
        </Button>
        <Button size="small" aria-expanded={isPruning} onClick={() => setPruning(!isPruning)}>
          Prune…
        </Button>
      </div>
      <Problem text={refusal} />
      {isPruning && (
        <PrunePreview
          onDone={(freedBytes) => {
            setPruning(false);
            again();
            showToast({ shape: 'done', text: `${size(freedBytes)} are free again.` });
          }}
          onCancel={() => setPruning(false)}
        />
      )}
      {shown.length === 0 ? (
        <Blank title="No service has an image yet.">
          <p>{counted(answer.images.length, 'image')} of others are on the engines.</p>
        </Blank>
      ) : (
        <DataTable
          label="Images"
          columns={imageColumns(busy, remove)}
          rows={shown}
          keyOf={({ hostId, digest }) => `${hostId} ${digest}`}
        />
      )}
    </>
  );
}

function imageColumns(busy: boolean, remove: (image: ImageView) => void): Column<ImageView>[] {
  return [
    { id: 'image', head: 'Image', cell: (image: ImageView) => <span title={image.digest}>{imageName(image)}</span> },
    { id: 'size', head: 'Size', numeric: true, cell: ({ sizeBytes }: ImageView) => size(sizeBytes) },
    { id: 'host', head: 'Host', cell: ({ hostId, architecture }: ImageView) => `${hostId}, ${architecture}` },
    { id: 'use', head: 'Used by', cell: usesText },
    {
      id: 'remove',
      head: <span className="sr">Remove</span>,
      numeric: true,
      cell: (image: ImageView) =>
        image.isGantrys &&
        image.usedBy.length === 0 &&
        // Edges are made of it.
        !image.tags.some((tag) => tag.startsWith('gantry/edge:')) && (
          <Button
            size="small"
            variant="quiet"
            disabledReason={busy ? 'It is being done.' : null}
            onClick={() => remove(image)}
          >
            Remove
          </Button>
        ),
    },
  ];
}

function imageName({ tags, digest }: Pick<ImageView, 'tags' | 'digest'>): string {
  return tags.length > 0 ? tags.join(', ') : digest.slice(0, 19);
}

function usesText({ usedBy }: ImageView): string {
  if (usedBy.length === 0) return '–';
  return usedBy
    .map(
      ({ service, revisions, containers }) =>
        `${service} (revision ${revisions.join(', ')}; ${counted(containers, 'container')})`,
    )
    .join(', ');
}
