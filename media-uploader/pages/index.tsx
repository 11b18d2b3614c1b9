export { Uploader as default } from "../ui/parts/Uploader.tsx";
