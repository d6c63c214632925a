"""The files of logs: uploaded bytes, read logs and kept answers, in the data folder or in the object store.
Imports core, models, upload_parts and ingest-independent parts of workloads."""
