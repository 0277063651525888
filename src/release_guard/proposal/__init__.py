"""What ``init`` proposes: a policy and workflows that fit a project. Pure."""
