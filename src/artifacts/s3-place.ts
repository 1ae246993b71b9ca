/* Apart from what loads the AWS SDK: who uses these types need not have it. */

/** A key pair of AWS, or of whatever speaks S3. */
export interface S3Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Of temporary credentials. */
  readonly sessionToken?: string;
}

export interface S3Place {
  readonly bucket: string;
  /**
   * Address of a service that speaks S3, such as `http://minio:9000`.
   * @default AWS, at the region's address
   */
  readonly endpoint?: string;
  /**
   * @default with an endpoint `us-east-1`, which most such services take; else what the AWS SDK
   * finds (`AWS_REGION`, its profile)
   */
  readonly region?: string;
  /** `http://host/bucket/key` instead of `http://bucket.host/key`. @default true with an endpoint */
  readonly forcePathStyle?: boolean;
}

/** Settings of an `S3ArtifactStore`. */
export interface S3ArtifactStoreOptions extends S3Place {
  /** Before every key, such as `remote-jobs/prod`: several deployments may share a bucket. @default none */
  readonly prefix?: string;
  /**
   * Asked again once a minute while the store is used, and at once where the service refuses what it
   * answered: a rotated credential is taken without a restart.
   *
   * @default what the AWS SDK finds: the environment, its profile, the role of the machine
   */
  readonly credentials?: () => Promise<S3Credentials>;
}
