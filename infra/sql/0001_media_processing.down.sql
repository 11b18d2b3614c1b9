-- Takes back 0001. What it held is lost.

DROP TABLE media_processing_jobs;

ALTER TABLE steps DROP COLUMN processing_completed_at;
ALTER TABLE steps DROP COLUMN processing_started_at;
ALTER TABLE steps DROP COLUMN compression_ratio;
ALTER TABLE steps DROP COLUMN compressed_file_size;
ALTER TABLE steps DROP COLUMN original_file_size;
ALTER TABLE steps DROP COLUMN compressed_url;
ALTER TABLE steps DROP COLUMN processing_status;
