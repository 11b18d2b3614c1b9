/** Where files come in: dropped anywhere on it, chosen, a whole folder, or pasted anywhere on the page. */
import { useEffect, useRef } from "react";
import { useDropzone } from "react-dropzone";
import type { Session } from "../../client/index.ts";
import { pasted } from "../checks.ts";
import { bytes } from "../format.ts";
import { UploadIcon } from "./icons.tsx";

interface DropzoneProps {
  session: Session;
  isCompact: boolean;
  stepId: string | null;
  onFiles: (files: File[]) => void;
}

export function Dropzone({ session, isCompact, stepId, onFiles }: DropzoneProps) {
  const folder = useRef<HTMLInputElement>(null);
  // The zone itself is no button: a real one inside it is what keyboards and screen readers use.
  const { getRootProps, getInputProps, isDragActive, open } = useDropzone({
    noClick: true,
    noKeyboard: true,
    useFsAccessApi: false,
    onDrop: (files) => onFiles(files),
  });

  useEffect(() => {
    const paste = (event: ClipboardEvent) => {
      const files = [...(event.clipboardData?.files ?? [])];
      if (files.length === 0) return;
      event.preventDefault();
      const now = new Date();
      onFiles(files.map((file, index) => pasted(file, now, index)));
    };
    window.addEventListener("paste", paste);
    return () => window.removeEventListener("paste", paste);
  }, [onFiles]);

  return (
    <section
      {...getRootProps({ role: "region", tabIndex: undefined })}
      className={`drop ${isCompact ? "is-compact" : ""} ${isDragActive ? "is-over" : ""}`}
      aria-label="Add files"
    >
      <input {...getInputProps({ style: undefined })} className="hidden" aria-label="Files" data-testid="files" />
      <input
        ref={folder}
        type="file"
        className="hidden"
        tabIndex={-1}
        aria-label="A folder"
        multiple
        {...{ webkitdirectory: "" }}
        onChange={(event) => {
          onFiles([...(event.target.files ?? [])].filter((file) => !file.name.startsWith(".")));
          event.target.value = "";
        }}
      />
      <span className="drop-icon">
        <UploadIcon />
      </span>
      <div className="drop-text">
        <p className="drop-title">{isDragActive ? "Let go to add them" : "Drop photos and videos here"}</p>
        <p className="drop-hint">
          {stepId ? <strong>For step {stepId}. </strong> : null}
          JPEG, PNG, HEIC, GIF, MP4, MOV and more, up to {bytes(session.maxBytes)} each
        </p>
      </div>
      <div className="drop-buttons">
        <button type="button" onClick={open}>
          Choose files
        </button>
        <button type="button" className="plain" onClick={() => folder.current?.click()}>
          Choose a folder
        </button>
      </div>
    </section>
  );
}
