/** Drawn here: one line width, no downloads. */
import type { ReactNode } from "react";

function Icon({ children }: { children: ReactNode }) {
  return (
    <svg className="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      {children}
    </svg>
  );
}

export const UploadIcon = () => (
  <Icon>
    <path d="M12 16V4m0 0L7 9m5-5 5 5M4 16v2.5A1.5 1.5 0 0 0 5.5 20h13a1.5 1.5 0 0 0 1.5-1.5V16" />
  </Icon>
);
export const DownloadIcon = () => (
  <Icon>
    <path d="M12 4v12m0 0-5-5m5 5 5-5M4 20h16" />
  </Icon>
);
export const PauseIcon = () => (
  <Icon>
    <path d="M8.5 5.5v13m7-13v13" />
  </Icon>
);
export const PlayIcon = () => (
  <Icon>
    <path d="m8 5.5 10.5 6.5L8 18.5z" />
  </Icon>
);
export const RetryIcon = () => (
  <Icon>
    <path d="M19.5 12a7.5 7.5 0 1 1-2.3-5.4M19.5 3.5v4h-4" />
  </Icon>
);
export const CloseIcon = () => (
  <Icon>
    <path d="m6 6 12 12M18 6 6 18" />
  </Icon>
);
export const CompareIcon = () => (
  <Icon>
    <path d="M12 3v18M9 6H5.5A1.5 1.5 0 0 0 4 7.5v9A1.5 1.5 0 0 0 5.5 18H9m6-12h3.5A1.5 1.5 0 0 1 20 7.5v9a1.5 1.5 0 0 1-1.5 1.5H15" />
  </Icon>
);
export const PhotoIcon = () => (
  <Icon>
    <path d="M5.5 4.5h13a1.5 1.5 0 0 1 1.5 1.5v12a1.5 1.5 0 0 1-1.5 1.5h-13A1.5 1.5 0 0 1 4 18V6a1.5 1.5 0 0 1 1.5-1.5ZM4 16l4.5-4.5L14 17m-1-1 2.5-2.5L20 18M15 9.5h.01" />
  </Icon>
);
export const VideoIcon = () => (
  <Icon>
    <path d="M5.5 6h8A1.5 1.5 0 0 1 15 7.5v9a1.5 1.5 0 0 1-1.5 1.5h-8A1.5 1.5 0 0 1 4 16.5v-9A1.5 1.5 0 0 1 5.5 6ZM15 10.5l5-3v9l-5-3" />
  </Icon>
);
export const CheckIcon = () => (
  <Icon>
    <path d="m5 12.5 4.5 4.5L19 7.5" />
  </Icon>
);
export const WarnIcon = () => (
  <Icon>
    <path d="M12 8v5m0 3.2v.01M12 3.5l9 16H3z" />
  </Icon>
);
export const Mark = () => (
  <svg className="mark" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
    <rect width="32" height="32" rx="9" className="mark-ground" />
    <path d="M9 12.5 16 9l7 3.5M9 19.5l7 3.5 7-3.5M11.5 16h9" className="mark-lines" />
  </svg>
);
