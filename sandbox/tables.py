"""The tables: SIMPI's `steps` as the migrations leave it, the jobs, and what the sandbox keeps for itself."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, DateTime, Float, ForeignKey, Integer, MetaData, String, Table, Text

META = MetaData()
TIME = DateTime(timezone=True)

STEPS = Table(
    "steps",
    META,
    Column("id", String(200), primary_key=True),
    Column("title", Text),
    Column("processing_status", String(20)),
    Column("compressed_url", Text),
    Column("original_file_size", BigInteger),
    Column("compressed_file_size", BigInteger),
    Column("compression_ratio", Float(53)),
    Column("processing_started_at", TIME),
    Column("processing_completed_at", TIME),
)

JOBS = Table(
    "media_processing_jobs",
    META,
    Column("id", String(64), primary_key=True),
    Column("step_id", String(200), ForeignKey("steps.id")),
    Column("blob_name", Text),
    Column("file_size", BigInteger),
    Column("file_type", String(20)),
    Column("status", String(20), nullable=False),
    Column("retry_count", Integer, nullable=False, default=0),
    Column("error_message", Text),
    Column("created_at", TIME, nullable=False),
    Column("started_at", TIME),
    Column("completed_at", TIME),
    Column("updated_at", TIME, nullable=False),
)

KEYS = Table("sandbox_idempotency_keys", META, Column("key", String(200), primary_key=True), Column("at", TIME))

WEBHOOKS = Table(
    "sandbox_webhooks",
    META,
    Column("id", String(200), primary_key=True),
    Column("type", String(60), nullable=False),
    Column("body", Text, nullable=False),
    Column("received_at", TIME, nullable=False),
    Column("times", Integer, nullable=False),
)
