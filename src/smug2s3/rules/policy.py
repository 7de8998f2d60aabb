"""The IAM policy with the fewest rights that sync and verify need."""

from __future__ import annotations

from typing import Any


def least_policy(bucket: str, prefix: str) -> dict[str, Any]:
    """The least permissions for sync and verify on AWS, as an IAM policy."""
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "ListWhatWasMoved",
                "Effect": "Allow",
                "Action": ["s3:ListBucket", "s3:ListBucketMultipartUploads"],
                "Resource": f"arn:aws:s3:::{bucket}",
            },
            {
                "Sid": "MoveAndVerify",
                "Effect": "Allow",
                "Action": [
                    "s3:PutObject",
                    "s3:GetObject",
                    "s3:DeleteObject",
                    "s3:AbortMultipartUpload",
                    "s3:ListMultipartUploadParts",
                ],
                "Resource": f"arn:aws:s3:::{bucket}/{prefix}*",
            },
        ],
    }
