import { useEffect, useRef, useState } from 'react';
import type { FolderListing } from '#shared/contract/contract.ts';
import { setUi } from '../../app/ui-state.ts';
import { errorText } from '../../app/use-call.ts';
import { useClient } from '../../client/ClientContext.tsx';
import { Button } from '../../ui/button/Button.tsx';
import { Field } from '../../ui/field/Field.tsx';
import { Icon } from '../../ui/icon/Icon.tsx';
import { Tag } from '../../ui/label/Tag.tsx';
import { Dialog } from '../../ui/overlay/Dialog.tsx';
import { Bones } from '../../ui/state/Bones.tsx';
import { useOpening } from './use-opening.ts';
import './open-repository.css';

/** Finds a repository on the host: by walking its folders, or by typing a path. */
export default function OpenRepository() {
  const client = useClient();
  const { opening, problem, openPath, clearProblem } = useOpening();
  const [listing, setListing] = useState<FolderListing | null>(null);
  const [folder, setFolder] = useState<string | null>(null);
  const [path, setPath] = useState('');
  const [unreadable, setUnreadable] = useState<string | null>(null);
  const pathInput = useRef<HTMLInputElement>(null);
  useEffect(() => {
    let current = true;
    const list = async (): Promise<void> => {
      try {
        const found = await client.call('host.listFolder', { path: folder });
        if (!current) return;
        setListing(found);
        setPath(found.path);
        setUnreadable(null);
      } catch (error) {
        if (current) setUnreadable(errorText(error));
      }
    };
    void list();
    return () => {
      current = false;
    };
  }, [client, folder]);

  const enter = (next: string): void => {
    clearProblem();
    setFolder(next);
  };
  const open = (): void => void openPath(path.trim());
  return (
    <Dialog
      open
      bare
      onClose={() => setUi({ overlay: 'none' })}
      title="Open a repository"
      description="Gantry works in worktrees of its own. Nothing in the folder you choose is changed until a lane merges."
      initialFocus={pathInput}
      footer={
        <>
          <Button size="large" onClick={() => setUi({ overlay: 'none' })}>
            Cancel
          </Button>
          <Button
            size="large"
            variant="primary"
            icon="folder"
            disabledReason={
              path.trim() === '' ? 'Name a folder first.' : opening === null ? null : 'It is being opened.'
            }
            onClick={open}
          >
            {opening === 'path' ? 'Opening…' : 'Open repository'}
          </Button>
        </>
      }
    >
      <form
        className="browse__path"
        onSubmit={(event) => {
          event.preventDefault();
          open();
        }}
      >
        <Field label="Folder" error={problem ?? unreadable}>
          {(input) => (
            <input
              {...input}
              ref={pathInput}
              className="mono"
              value={path}
              spellCheck={false}
              autoComplete="off"
              placeholder="/home/you/code/project"
              onChange={(event) => {
                setPath(event.target.value);
                clearProblem();
              }}
            />
          )}
        </Field>
      </form>
      <div className="browse">
        {listing === null && unreadable === null && <Bones rows={5} />}
        {listing && <Folders listing={listing} onEnter={enter} onOpen={(repository) => void openPath(repository)} />}
      </div>
    </Dialog>
  );
}

function Folders({
  listing,
  onEnter,
  onOpen,
}: {
  listing: FolderListing;
  onEnter: (path: string) => void;
  onOpen: (path: string) => void;
}) {
  const { parent } = listing;
  return (
    <ul aria-label={`Folders in ${listing.path}`}>
      {parent !== null && (
        <li className="browse__row">
          <button type="button" className="browse__folder" onClick={() => onEnter(parent)}>
            <Icon name="undo" />
            <span className="truncate">Up one folder</span>
          </button>
        </li>
      )}
      {listing.folders.map((folder) => (
        <li key={folder.path} className="browse__row">
          <button type="button" className="browse__folder" onClick={() => onEnter(folder.path)}>
            <Icon name={folder.isRepository ? 'repo' : 'folder'} />
            <span className="truncate">{folder.name}</span>
            {folder.isRepository && <Tag>repository</Tag>}
          </button>
          {folder.isRepository && (
            <Button size="small" onClick={() => onOpen(folder.path)} aria-label={`Open ${folder.name}`}>
              Open
            </Button>
          )}
        </li>
      ))}
      {listing.folders.length === 0 && <li className="browse__none">No folders in here.</li>}
      {listing.cut && <li className="browse__none">More than 1,000 folders. Type the path to reach the others.</li>}
    </ul>
  );
}
