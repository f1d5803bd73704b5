/** The domain below which AWS's services of a region are: `eu-west-1.amazonaws.com`. */
export function findAwsDomain(region: string): string {
  if (region.startsWith('cn-')) return `${region}.amazonaws.com.cn`;
  return region.startsWith('eusc-') ? `${region}.amazonaws.eu` : `${region}.amazonaws.com`;
}
