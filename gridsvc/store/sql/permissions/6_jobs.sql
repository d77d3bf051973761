-- The queue of background work. Only the system puts jobs in and takes them out: what a job is told is nobody else's.

REVOKE ALL ON SCHEMA procrastinate FROM PUBLIC, gridsvc_caller, gridsvc_system, {service};
REVOKE ALL ON ALL TABLES IN SCHEMA procrastinate FROM PUBLIC, gridsvc_caller, gridsvc_system, {service};
REVOKE ALL ON ALL SEQUENCES IN SCHEMA procrastinate FROM PUBLIC, gridsvc_caller, gridsvc_system, {service};
GRANT USAGE ON SCHEMA procrastinate TO gridsvc_system;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA procrastinate TO gridsvc_system;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA procrastinate TO gridsvc_system;
