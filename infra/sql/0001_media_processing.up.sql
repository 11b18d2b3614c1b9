-- What SIMPI's database needs to know about the media of its steps. Runs on PostgreSQL and on SQLite.
-- `steps` is SIMPI's own table; its `id` is text here. Where it is a UUID or a number, `media_processing_jobs.step_id` follows.
-- Sizes are bytes. A ratio is original over compressed size: it has no upper bound (a flat picture can shrink 2000 times),
-- so it is a floating-point number and not a short decimal.

ALTER TABLE steps ADD COLUMN processing_status VARCHAR(20);
ALTER TABLE steps ADD COLUMN compressed_url TEXT;
ALTER TABLE steps ADD COLUMN original_file_size BIGINT;
ALTER TABLE steps ADD COLUMN compressed_file_size BIGINT;
ALTER TABLE steps ADD COLUMN compression_ratio DOUBLE PRECISION;
ALTER TABLE steps ADD COLUMN processing_started_at TIMESTAMP WITH TIME ZONE;
ALTER TABLE steps ADD COLUMN processing_completed_at TIMESTAMP WITH TIME ZONE;

-- One row per job. `id` is the job's id, so that being told twice changes nothing. `blob_name` and `file_type` come with the
-- webhooks and stay empty where there are none.
CREATE TABLE media_processing_jobs (
    id VARCHAR(64) NOT NULL PRIMARY KEY,
    step_id VARCHAR(200) REFERENCES steps (id) ON DELETE CASCADE,
    blob_name TEXT,
    file_size BIGINT CHECK (file_size >= 0),
    file_type VARCHAR(20),
    status VARCHAR(20) NOT NULL
        CHECK (status IN ('processing', 'success', 'rejected', 'superseded', 'cancelled', 'failed')),
    retry_count INTEGER NOT NULL DEFAULT 0 CHECK (retry_count >= 0),
    error_message TEXT,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    started_at TIMESTAMP WITH TIME ZONE,
    completed_at TIMESTAMP WITH TIME ZONE,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL
);

CREATE INDEX media_processing_jobs_by_step ON media_processing_jobs (step_id);
CREATE INDEX media_processing_jobs_by_status ON media_processing_jobs (status, updated_at);
