"""`stackspot review`, in files: the call itself, its rules, what is put out, what is drawn meanwhile."""
