"""One outside thing each: blobs, local disk, FFmpeg, Pillow, SIMPI, webhooks, queues."""
